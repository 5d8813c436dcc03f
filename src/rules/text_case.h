// SPDX-License-Identifier: Apache-2.0
//
// Comparing text with or without case. Only ASCII letters have a case here: names and arguments are bytes, in no known
// encoding.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace bongsu {

[[nodiscard]] constexpr char fold_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

[[nodiscard]] inline std::string folded(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), fold_case);
  return result;
}

// The functions below compare `text` with a pattern that is folded already when `fold` is set.

[[nodiscard]] inline bool equal_text(std::string_view text, std::string_view pattern, bool fold) {
  if (!fold || text.size() != pattern.size()) {
    return text == pattern;
  }
  return std::equal(text.begin(), text.end(), pattern.begin(), [](char a, char b) { return fold_case(a) == b; });
}

[[nodiscard]] inline bool starts_with(std::string_view text, std::string_view pattern, bool fold) {
  return text.size() >= pattern.size() && equal_text(text.substr(0, pattern.size()), pattern, fold);
}

}  // namespace bongsu
