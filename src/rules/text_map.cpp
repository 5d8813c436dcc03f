// SPDX-License-Identifier: Apache-2.0
#include "rules/text_map.h"

#include <algorithm>
#include <bit>
#include <functional>

#include "rules/text_case.h"

namespace bongsu {
namespace {

std::uint64_t length_bit(std::size_t length) { return std::uint64_t{1} << std::min<std::size_t>(length, 63); }

// FNV-1a where the case has to be taken out byte by byte, else the library's, which takes eight bytes at a time.
std::uint32_t hash_of(std::string_view text, bool fold) {
  if (!fold) {
    const std::uint64_t hash = std::hash<std::string_view>{}(text);
    return static_cast<std::uint32_t>(hash ^ (hash >> 32));
  }
  std::uint32_t hash = 2'166'136'261;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(fold_case(c))) * 16'777'619;
  }
  return hash;
}

}  // namespace

TextMap::TextMap(std::span<const std::string> texts, bool fold) : fold_(fold) {
  slots_.resize(std::bit_ceil(std::max<std::size_t>(2 * texts.size(), 2)));
  std::size_t bytes = 0;
  for (const std::string& text : texts) {
    bytes += text.size();
  }
  bytes_.reserve(bytes);
  begin_.reserve(texts.size() + 1);
  begin_.push_back(0);
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t number = 0; number < texts.size(); ++number) {
    const std::string& text = texts[number];
    bytes_ += text;
    begin_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    if (contains(text)) {
      continue;
    }
    lengths_ |= length_bit(text.size());
    const std::uint32_t hash = hash_of(text, fold_);
    std::size_t at = hash & mask;
    while (slots_[at].number != kNone) {
      at = (at + 1) & mask;
    }
    slots_[at] = {hash, number};
  }
}

std::string_view TextMap::text(std::uint32_t number) const noexcept {
  return std::string_view(bytes_).substr(begin_[number], begin_[number + 1] - begin_[number]);
}

std::uint32_t TextMap::find(std::string_view sought) const noexcept {
  if ((lengths_ & length_bit(sought.size())) == 0) {
    return kNone;
  }
  const std::uint32_t hash = hash_of(sought, fold_);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at].number != kNone; at = (at + 1) & mask) {
    if (slots_[at].hash == hash && equal_text(sought, text(slots_[at].number), fold_)) {
      return slots_[at].number;
    }
  }
  return kNone;
}

std::size_t TextMap::memory_bytes() const noexcept {
  return slots_.capacity() * sizeof(Slot) + begin_.capacity() * sizeof(std::uint32_t) + bytes_.capacity();
}

}  // namespace bongsu
