// SPDX-License-Identifier: Apache-2.0
//
// How long something took, counted in fixed steps from 10 us to a minute: no allocation, no lock. Who writes it owns
// it; others get copies.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace bongsu {

class LatencyHistogram {
 public:
  // The upper bounds of the buckets, themselves included. What took longer is in one more bucket.
  static constexpr std::array<std::int64_t, 21> kBoundsNs = {
      10'000,      25'000,        50'000,        100'000,       250'000,        500'000,        1'000'000,
      2'500'000,   5'000'000,     10'000'000,    25'000'000,    50'000'000,     100'000'000,    250'000'000,
      500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000, 30'000'000'000, 60'000'000'000,
  };

  // Less than nothing is nothing: clocks of two CPUs may differ by a little.
  void add(std::int64_t took_ns) {
    took_ns = std::max<std::int64_t>(took_ns, 0);
    const auto* const bound = std::lower_bound(kBoundsNs.begin(), kBoundsNs.end(), took_ns);
    ++counts_[static_cast<std::size_t>(bound - kBoundsNs.begin())];
    sum_ns_ += static_cast<std::uint64_t>(took_ns);
  }

  // By bucket, each by itself; the last is of what is beyond all bounds.
  [[nodiscard]] const std::array<std::uint64_t, kBoundsNs.size() + 1>& counts() const { return counts_; }
  [[nodiscard]] std::uint64_t sum_ns() const { return sum_ns_; }

 private:
  std::array<std::uint64_t, kBoundsNs.size() + 1> counts_{};
  std::uint64_t sum_ns_ = 0;
};

}  // namespace bongsu
