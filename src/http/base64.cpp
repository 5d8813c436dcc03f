// SPDX-License-Identifier: Apache-2.0
#include "http/base64.h"

#include <cstddef>
#include <cstdint>

namespace bongsu {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr unsigned kDigitBits = 6;
constexpr unsigned kByteBits = 8;

}  // namespace

std::string base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char byte : bytes) {
    held = held << kByteBits | static_cast<unsigned char>(byte);
    for (bits += kByteBits; bits >= kDigitBits; bits -= kDigitBits) {
      text += kDigits[held >> (bits - kDigitBits) & 63U];
    }
  }
  if (bits > 0) {
    text += kDigits[held << (kDigitBits - bits) & 63U];
  }
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> parse_base64(std::string_view text) {
  if (text.size() % 4 == 0) {
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) {
      text.remove_suffix(1);
    }
  }
  if (text.size() % 4 == 1) {
    return std::nullopt;
  }
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char digit : text) {
    const std::size_t value = kDigits.find(digit);
    if (value == std::string_view::npos) {
      return std::nullopt;
    }
    held = held << kDigitBits | static_cast<std::uint32_t>(value);
    bits += kDigitBits;
    if (bits >= kByteBits) {
      bits -= kByteBits;
      bytes += static_cast<char>(held >> bits & 0xffU);
    }
  }
  return bytes;
}

}  // namespace bongsu
