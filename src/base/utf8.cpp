// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

namespace bongsu {
namespace {

// A row of table 3-7 of the Unicode standard, "well-formed UTF-8 byte sequences": the bounds of the second byte shut
// out overlong forms, surrogates and what lies beyond U+10FFFF.
struct Lead {
  std::size_t size;
  std::uint32_t bits;
  unsigned char second_min;
  unsigned char second_max;
};

Lead lead_of(unsigned char byte) {
  if (byte < 0xC2) {
    return {0, 0, 0, 0};  // a continuation byte, or an overlong lead
  }
  if (byte < 0xE0) {
    return {2, byte & 0x1Fu, 0x80, 0xBF};
  }
  if (byte < 0xF0) {
    const unsigned char min = byte == 0xE0 ? 0xA0 : 0x80;
    const unsigned char max = byte == 0xED ? 0x9F : 0xBF;
    return {3, byte & 0x0Fu, min, max};
  }
  if (byte < 0xF5) {
    const unsigned char min = byte == 0xF0 ? 0x90 : 0x80;
    const unsigned char max = byte == 0xF4 ? 0x8F : 0xBF;
    return {4, byte & 0x07u, min, max};
  }
  return {0, 0, 0, 0};
}

}  // namespace

Utf8Step utf8_step(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) {
    return {1, first};
  }
  const Lead lead = lead_of(first);
  std::uint32_t code_point = lead.bits;
  unsigned char min = lead.second_min;
  unsigned char max = lead.second_max;
  std::size_t size = 1;
  while (size < lead.size && size < text.size()) {
    const auto byte = static_cast<unsigned char>(text[size]);
    if (byte < min || byte > max) {
      break;
    }
    code_point = (code_point << 6) | (byte & 0x3Fu);
    min = 0x80;
    max = 0xBF;
    ++size;
  }
  return {size, lead.size != 0 && size == lead.size ? code_point : kInvalidUtf8};
}

}  // namespace bongsu
