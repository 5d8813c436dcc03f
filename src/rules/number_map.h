// SPDX-License-Identifier: Apache-2.0
//
// A set of numbers, each with a place, found by hash. Never changed once built.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bongsu {

class NumberMap {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  NumberMap() = default;
  // What is found is a number's place in `numbers`; of equal ones, the first.
  explicit NumberMap(std::span<const std::int64_t> numbers) {
    slots_.resize(std::bit_ceil(std::max<std::size_t>(2 * numbers.size(), 2)));
    for (std::uint32_t i = 0; i < numbers.size(); ++i) {
      Slot& slot = slots_[slot_of(numbers[i])];
      if (slot.place == kNone) {
        slot = {numbers[i], i};
      }
    }
  }

  [[nodiscard]] std::uint32_t find(std::int64_t number) const noexcept {
    return slots_.empty() ? kNone : slots_[slot_of(number)].place;
  }
  [[nodiscard]] bool contains(std::int64_t number) const noexcept { return find(number) != kNone; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    std::int64_t number = 0;
    std::uint32_t place = kNone;  // kNone: free
  };

  // Where the number is, or would be.
  [[nodiscard]] std::size_t slot_of(std::int64_t number) const noexcept {
    constexpr std::uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;  // spreads what lies close together
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = ((static_cast<std::uint64_t>(number) * kGoldenRatio) >> 32) & mask;
    while (slots_[at].place != kNone && slots_[at].number != number) {
      at = (at + 1) & mask;
    }
    return at;
  }

  std::vector<Slot> slots_;  // a power of two of them, at most half in use
};

}  // namespace bongsu
