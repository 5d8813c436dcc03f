// SPDX-License-Identifier: Apache-2.0
//
// One step through bytes that may or may not be UTF-8; what the escapers of this room share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bongsu {

struct Utf8Step {
  std::size_t size;          // bytes: of the character, or of the maximal invalid sequence; at least 1
  std::uint32_t code_point;  // kInvalidUtf8 when the bytes are no character
};
inline constexpr std::uint32_t kInvalidUtf8 = 0xFFFFFFFF;

// Reads the character that `text`, which is not empty, begins with. Invalid bytes are cut as the Unicode standard (3.9,
// "substitution of maximal subparts") and the WHATWG encoding standard do.
[[nodiscard]] Utf8Step utf8_step(std::string_view text);

}  // namespace bongsu
