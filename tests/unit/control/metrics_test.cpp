// SPDX-License-Identifier: Apache-2.0
#include "control/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>
#include <sstream>

namespace bongsu {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Metrics, AreWrittenExactly) {
  MetricFamily events{"bongsu_events_total", "Events, by \\ type\nand more.", MetricFamily::Type::counter, {}};
  events.add(std::uint64_t{9'007'199'254'740'992}, {{"event", "exec"}, {"reason", "a\"b\\c\nd"}}).add(std::uint64_t{0});
  MetricFamily ready{"bongsu_ready", "Ready.", MetricFamily::Type::gauge, {}};
  ready.add(0.25).add(1e300).add(std::numeric_limits<double>::infinity()).add(std::nan(""));
  const MetricFamily empty{"bongsu_none", "Nothing.", MetricFamily::Type::gauge, {}};
  EXPECT_EQ(to_prometheus(std::vector{events, empty, ready}),
            "# HELP bongsu_events_total Events, by \\\\ type\\nand more.\n"
            "# TYPE bongsu_events_total counter\n"
            "bongsu_events_total{event=\"exec\",reason=\"a\\\"b\\\\c\\nd\"} 9007199254740992\n"
            "bongsu_events_total 0\n"
            "# HELP bongsu_ready Ready.\n"
            "# TYPE bongsu_ready gauge\n"
            "bongsu_ready 0.25\n"
            "bongsu_ready 1e+300\n"
            "bongsu_ready +Inf\n"
            "bongsu_ready NaN\n");
}

TEST(Metrics, AHistogramIsToldByBucketsThatSumUp) {
  LatencyHistogram took;
  took.add(20'000);
  took.add(25'000);
  took.add(2'000'000'000);
  took.add(90'000'000'000);
  MetricFamily family{"bongsu_x_seconds", "X.", MetricFamily::Type::histogram, {}};
  family.add(took, {{"sink", "a"}}).add(LatencyHistogram());
  const std::string text = to_prometheus(std::vector{family});
  EXPECT_THAT(text, StartsWith("# HELP bongsu_x_seconds X.\n"
                               "# TYPE bongsu_x_seconds histogram\n"
                               "bongsu_x_seconds_bucket{sink=\"a\",le=\"1e-05\"} 0\n"
                               "bongsu_x_seconds_bucket{sink=\"a\",le=\"2.5e-05\"} 2\n"
                               "bongsu_x_seconds_bucket{sink=\"a\",le=\"5e-05\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\nbongsu_x_seconds_bucket{sink=\"a\",le=\"1\"} 2\n"
                              "bongsu_x_seconds_bucket{sink=\"a\",le=\"2.5\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("\nbongsu_x_seconds_bucket{sink=\"a\",le=\"60\"} 3\n"
                              "bongsu_x_seconds_bucket{sink=\"a\",le=\"+Inf\"} 4\n"
                              "bongsu_x_seconds_sum{sink=\"a\"} 92.000045\n"
                              "bongsu_x_seconds_count{sink=\"a\"} 4\n"
                              "bongsu_x_seconds_bucket{le=\"1e-05\"} 0\n"));
  EXPECT_THAT(text, EndsWith("\nbongsu_x_seconds_bucket{le=\"+Inf\"} 0\n"
                             "bongsu_x_seconds_sum 0\n"
                             "bongsu_x_seconds_count 0\n"));
}

// The grammar of the text format, version 0.0.4, for what is used of it.
TEST(Metrics, AnyLabelValueStaysOneWellFormedLine) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    all += static_cast<char>(byte);
  }
  MetricFamily family{"bongsu_x_total", all, MetricFamily::Type::counter, {}};
  family.add(1.5, {{"a", all}, {"b", ""}});
  std::istringstream lines(to_prometheus(std::vector{family}));
  const std::regex comment(R"(# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* [ -~]*)");
  const std::regex sample(
      R"re([a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*")*\})? ([-+0-9.e]+|NaN|[-+]Inf))re");
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_TRUE(std::regex_match(line, line.starts_with('#') ? comment : sample)) << line;
  }
  EXPECT_EQ(count, 3);
}

}  // namespace
}  // namespace bongsu
