// SPDX-License-Identifier: Apache-2.0
#include "base/latency_histogram.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>

namespace bongsu {
namespace {

TEST(LatencyHistogram, ABoundBelongsToItsBucket) {
  for (std::size_t i = 0; i < LatencyHistogram::kBoundsNs.size(); ++i) {
    LatencyHistogram histogram;
    histogram.add(LatencyHistogram::kBoundsNs[i]);
    EXPECT_EQ(histogram.counts()[i], 1U) << i;
    histogram.add(LatencyHistogram::kBoundsNs[i] + 1);
    EXPECT_EQ(histogram.counts()[i + 1], 1U) << i;
  }
}

TEST(LatencyHistogram, WhatIsBeyondTheBoundsIsCountedToo) {
  LatencyHistogram histogram;
  histogram.add(-5);
  histogram.add(0);
  histogram.add(INT64_MAX / 4);
  EXPECT_EQ(histogram.counts().front(), 2U);
  EXPECT_EQ(histogram.counts().back(), 1U);
  EXPECT_EQ(histogram.sum_ns(), static_cast<std::uint64_t>(INT64_MAX / 4));
}

TEST(LatencyHistogram, EveryValueIsCountedOnce) {
  LatencyHistogram histogram;
  std::uint64_t sum = 0;
  for (std::int64_t took_ns = 1; took_ns < 200'000'000'000; took_ns = took_ns * 3 / 2 + 1) {
    histogram.add(took_ns);
    sum += static_cast<std::uint64_t>(took_ns);
  }
  std::uint64_t expected = 0;
  for (std::int64_t took_ns = 1; took_ns < 200'000'000'000; took_ns = took_ns * 3 / 2 + 1) {
    ++expected;
  }
  EXPECT_EQ(std::accumulate(histogram.counts().begin(), histogram.counts().end(), std::uint64_t{0}), expected);
  EXPECT_EQ(histogram.sum_ns(), sum);
}

}  // namespace
}  // namespace bongsu
