// SPDX-License-Identifier: Apache-2.0
#include "alert/event_id.h"

#include <algorithm>
#include <array>

namespace bongsu {

std::string make_event_id(std::int64_t unix_ns, Random& random) {
  constexpr std::uint64_t kMillisecondNs = 1'000'000;
  const auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(unix_ns, 0));
  const std::uint64_t milliseconds = now / kMillisecondNs;
  const std::uint64_t fraction = (now % kMillisecondNs) * 4096 / kMillisecondNs;

  std::array<std::byte, 16> id{};
  random.fill(std::span(id).last(8));
  for (std::size_t i = 0; i < 6; ++i) {
    id[i] = static_cast<std::byte>(milliseconds >> (40 - 8 * i));
  }
  id[6] = static_cast<std::byte>(0x70 | (fraction >> 8));  // version
  id[7] = static_cast<std::byte>(fraction);
  id[8] = (id[8] & std::byte{0x3f}) | std::byte{0x80};  // variant

  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      text += '-';
    }
    const auto byte = std::to_integer<unsigned>(id[i]);
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace bongsu
