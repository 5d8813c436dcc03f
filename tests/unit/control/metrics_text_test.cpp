// SPDX-License-Identifier: Apache-2.0
#include "control/metrics_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "control/metrics.h"

namespace bongsu {
namespace {

TEST(MetricsText, ReadsWhatIsWritten) {
  LatencyHistogram took;
  took.add(1);
  MetricFamily plain{"bongsu_plain", "One.", MetricFamily::Type::gauge, {}};
  plain.add(0.5);
  MetricFamily odd{"bongsu_odd_total", "Two.", MetricFamily::Type::counter, {}};
  odd.add(std::uint64_t{1} << 40, {{"rule", "a\"b\\c\nd, e=\"f\"} 7"}, {"empty", ""}});
  MetricFamily seconds{"bongsu_seconds", "Three.", MetricFamily::Type::histogram, {}};
  seconds.add(took, {{"sink", "stdout"}});
  const auto samples = read_prometheus(to_prometheus(std::vector{plain, odd, seconds}));
  ASSERT_TRUE(samples) << samples.error().to_string();
  ASSERT_EQ(samples->size(), 2 + LatencyHistogram::kBoundsNs.size() + 3);
  EXPECT_EQ((*samples)[0].name, "bongsu_plain");
  EXPECT_DOUBLE_EQ((*samples)[0].value, 0.5);
  EXPECT_EQ((*samples)[1].name, "bongsu_odd_total");
  EXPECT_EQ((*samples)[1].label("rule"), "a\"b\\c\nd, e=\"f\"} 7");
  EXPECT_EQ((*samples)[1].label("empty"), "");
  EXPECT_EQ((*samples)[1].label("none"), "");
  EXPECT_DOUBLE_EQ((*samples)[1].value, 1099511627776.0);
  EXPECT_EQ((*samples)[2].label("le"), "1e-05");
  EXPECT_EQ(samples->back().name, "bongsu_seconds_count");
}

TEST(MetricsText, WhatIsNoSampleIsTold) {
  for (const char* line : {"<html>", "bongsu_x", "bongsu_x{", "bongsu_x{a} 1", "bongsu_x{a=\"b} 1", "bongsu_x{a=\"\\",
                           "bongsu_x one", "bongsu_x 1x", "bongsu_x{a=\"b\"}", " 1", "{} 1"}) {
    const auto samples = read_prometheus(std::string("# HELP x\nbongsu_good 1\n") + line);
    ASSERT_FALSE(samples) << line;
    EXPECT_EQ(samples.error().to_string(), "line 3 is no sample in the Prometheus text format") << line;
  }
}

TEST(MetricsText, ReadsWhatOthersWrite) {
  const auto samples = read_prometheus("# a comment\n\nx{a=\"b\",} 1e3 1700000000\ny +Inf\nz NaN");
  ASSERT_TRUE(samples) << samples.error().to_string();
  ASSERT_EQ(samples->size(), 3U);
  EXPECT_DOUBLE_EQ((*samples)[0].value, 1000);
}

}  // namespace
}  // namespace bongsu
