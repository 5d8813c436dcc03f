// SPDX-License-Identifier: Apache-2.0
#include "cli/event_latency.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>

namespace bongsu {
namespace {

class CountingClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t boot_ns() const override {
    ++reads;
    return now;
  }
  [[nodiscard]] std::int64_t wall_ns() const override { return 0; }
  std::int64_t now = 1'000'000'000;
  mutable int reads = 0;
};

std::uint64_t count_of(const LatencyHistogram& histogram) {
  return std::accumulate(histogram.counts().begin(), histogram.counts().end(), std::uint64_t{0});
}

TEST(EventLatency, TheClockIsReadForOneEventOfMany) {
  const CountingClock clock;
  EventLatency latency(clock);
  for (std::uint32_t i = 0; i < EventLatency::kSampleEvery * 10; ++i) {
    latency.arrived();
    latency.judged(999'000'000);
  }
  EXPECT_EQ(clock.reads, 10);
  EXPECT_EQ(count_of(latency.sampled_events()), 10U);
  EXPECT_EQ(latency.sampled_events().sum_ns(), 10'000'000U);
  EXPECT_EQ(count_of(latency.alerting_events()), 0U);
}

TEST(EventLatency, EachEventThatAlertsIsMeasuredOnce) {
  const CountingClock clock;
  EventLatency latency(clock);
  latency.alerted();  // the monitor itself had to say something
  latency.arrived();
  latency.judged(400'000'000);
  latency.arrived();
  latency.alerted();
  latency.alerted();  // by two rules
  latency.judged(400'000'000);
  latency.arrived();
  latency.judged(400'000'000);
  EXPECT_EQ(count_of(latency.alerting_events()), 1U);
  EXPECT_EQ(latency.alerting_events().sum_ns(), 600'000'000U);
  EXPECT_EQ(count_of(latency.sampled_events()), 0U);
}

}  // namespace
}  // namespace bongsu
