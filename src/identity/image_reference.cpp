// SPDX-License-Identifier: Apache-2.0
#include "identity/image_reference.h"

#include <algorithm>
#include <cstddef>

namespace bongsu {
namespace {

constexpr std::size_t kIdDigits = 64;
constexpr std::size_t kLeastDigits = 32;  // of a digest: the shortest that the specification allows
constexpr std::size_t kMostDigits = 128;  // sha512
constexpr std::size_t kMostAlgorithm = 32;

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
bool all_hex(std::string_view text) { return std::all_of(text.begin(), text.end(), is_hex); }
bool is_algorithm_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '.' || c == '_' || c == '-';
}

}  // namespace

bool is_image_id(std::string_view text) { return text.size() == kIdDigits && all_hex(text); }

bool is_digest(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > kMostAlgorithm) {
    return false;
  }
  const std::string_view algorithm = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  return std::all_of(algorithm.begin(), algorithm.end(), is_algorithm_char) && digits.size() >= kLeastDigits &&
         digits.size() <= kMostDigits && all_hex(digits);
}

ImageReference parse_image_reference(std::string_view text) {
  if (is_digest(text) || is_image_id(text)) {
    return {{}, {}, text};
  }
  ImageReference found;
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    if (is_digest(text.substr(at + 1))) {
      found.digest = text.substr(at + 1);
    }
    text = text.substr(0, at);
  }
  // A colon before the last slash is the registry's port.
  const std::size_t colon = text.rfind(':');
  const std::size_t slash = text.rfind('/');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    found.tag = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  found.name = text;
  return found;
}

}  // namespace bongsu
