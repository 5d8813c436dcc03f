// SPDX-License-Identifier: Apache-2.0
#include "events/gates.h"

#include <algorithm>
#include <cstring>

namespace bongsu {

// FNV-1a, by words of 8 bytes, little-endian. Bit 5 of each byte is set: that is what tells the cases of a letter
// apart, and a few other bytes too, which only lets more events pass.
std::uint64_t gate_hash(std::string_view text) {
  constexpr std::uint64_t kOffset = 0xcbf29ce484222325;  // draft-eastlake-fnv
  constexpr std::uint64_t kPrime = 0x100000001b3;
  constexpr std::uint64_t kCase = 0x2020202020202020;
  constexpr unsigned kFold = 32;
  text = text.substr(0, BONGSU_HASHED_BYTES);
  std::uint64_t hash = kOffset;
  for (std::size_t at = 0; at < text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, std::min(sizeof(word), text.size() - at));
    hash = (hash ^ (word | kCase)) * kPrime;
    hash ^= hash >> kFold;
  }
  return hash;
}

}  // namespace bongsu
