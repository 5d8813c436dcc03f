// SPDX-License-Identifier: Apache-2.0
//
// What fuzz targets share: a claim that ends the program when it does not hold, an input taken apart, and calls that
// libFuzzer does not interrupt.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace bongsu::fuzz {

inline void expect(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// libFuzzer's own clock (SIGALRM) interrupts calls that wait: they are to go on. Before the first of them, and after
// libFuzzer has begun.
inline void restart_interrupted_calls() {
  struct sigaction alarm{};
  expect(::sigaction(SIGALRM, nullptr, &alarm) == 0);
  alarm.sa_flags |= SA_RESTART;
  expect(::sigaction(SIGALRM, &alarm, nullptr) == 0);
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// What stands before the next `separator`, which is taken off with it.
inline std::string_view next_part(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

inline bool one_line(std::string_view text) { return text.find('\n') == std::string_view::npos; }

// Whether `part` lies within `whole`, or is empty.
inline bool within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace bongsu::fuzz
