// SPDX-License-Identifier: Apache-2.0
//
// What belongs to each of many items, in two runs of memory.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace bongsu {

class Postings {
 public:
  Postings() = default;
  // Pairs of an item, below `items`, and what belongs to it. What belongs to an item keeps its order.
  Postings(std::span<const std::pair<std::uint32_t, std::uint32_t>> pairs, std::size_t items) : begin_(items + 1) {
    for (const auto& [item, what] : pairs) {
      ++begin_[item + 1];
    }
    for (std::size_t i = 0; i < items; ++i) {
      begin_[i + 1] += begin_[i];
    }
    std::vector<std::uint32_t> next = begin_;
    all_.resize(pairs.size());
    for (const auto& [item, what] : pairs) {
      all_[next[item]++] = what;
    }
  }

  [[nodiscard]] std::span<const std::uint32_t> of(std::uint32_t item) const noexcept {
    return std::span(all_).subspan(begin_[item], begin_[item + 1] - begin_[item]);
  }

 private:
  std::vector<std::uint32_t> begin_;  // of each item in all_, and the end of the last
  std::vector<std::uint32_t> all_;
};

}  // namespace bongsu
