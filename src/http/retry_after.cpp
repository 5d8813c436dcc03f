// SPDX-License-Identifier: Apache-2.0
#include "http/retry_after.h"

#include <time.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace bongsu {

std::optional<std::chrono::nanoseconds> parse_retry_after(std::string_view text, std::int64_t now_unix_ns) {
  using std::chrono::seconds;
  // Ten days: more is never meant, and less than any overflow.
  constexpr std::int64_t kMostSeconds = 864'000;
  if (!text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
    std::int64_t value = kMostSeconds;  // stays when the number is too long
    std::from_chars(text.data(), text.data() + text.size(), value);
    return seconds(std::min(value, kMostSeconds));
  }
  // IMF-fixdate, the one form a server may send (RFC 9110, 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". The program never
  // calls setlocale, so names are English.
  tm date{};
  const std::string copy(text);
  const char* const end = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
  if (end == nullptr || *end != '\0') {
    return std::nullopt;
  }
  const std::int64_t wait = static_cast<std::int64_t>(::timegm(&date)) - now_unix_ns / 1'000'000'000;
  return seconds(std::clamp<std::int64_t>(wait, 0, kMostSeconds));
}

}  // namespace bongsu
