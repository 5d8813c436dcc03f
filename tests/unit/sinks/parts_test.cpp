// SPDX-License-Identifier: Apache-2.0
//
// The small parts: back-off, Retry-After, failure log, filter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "http/backoff.h"
#include "http/retry_after.h"
#include "sinks/failure_log.h"
#include "sinks/filter.h"
#include "support/sink_support.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::ElementsAre;

// Gives the highest or the lowest number below the bound that follows from all ones or all zeros.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::uint64_t value) : value_(value) {}
  void fill(std::span<std::byte> out) override {
    std::memcpy(out.data(), &value_, std::min(out.size(), sizeof value_));
  }

 private:
  std::uint64_t value_;
};

TEST(Backoff, DoublesToItsEndAndNeverPassesIt) {
  const RetryPolicy policy{milliseconds(100), milliseconds(1000)};
  const std::vector<milliseconds> most = {milliseconds(100), milliseconds(200),  milliseconds(400),
                                          milliseconds(800), milliseconds(1000), milliseconds(1000)};
  SystemRandom random;
  for (unsigned failures = 1; failures <= most.size(); ++failures) {
    const nanoseconds bound = most[failures - 1];
    FixedRandom highest(static_cast<std::uint64_t>(bound.count()));
    EXPECT_EQ(backoff(policy, failures, highest), bound);
    FixedRandom lowest(0);
    EXPECT_EQ(backoff(policy, failures, lowest), nanoseconds(0));
    for (int i = 0; i < 100; ++i) {
      const nanoseconds wait = backoff(policy, failures, random);
      EXPECT_GE(wait.count(), 0);
      EXPECT_LE(wait, bound);
    }
  }
  FixedRandom highest(std::uint64_t{1'000'000'000});
  EXPECT_EQ(backoff(policy, 4'000'000'000U, highest), seconds(1));
}

TEST(RetryAfter, IsSecondsOrADate) {
  constexpr std::int64_t kNow = 784'111'777'000'000'000;  // Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110
  EXPECT_EQ(parse_retry_after("0", kNow), seconds(0));
  EXPECT_EQ(parse_retry_after("120", kNow), seconds(120));
  EXPECT_EQ(parse_retry_after("99999999999999999999999999", kNow), seconds(864'000));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kNow), seconds(0));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:50:07 GMT", kNow), seconds(30));
  EXPECT_EQ(parse_retry_after("Sat, 05 Nov 1994 08:50:07 GMT", kNow), seconds(0));
  for (const char* bad : {"", "-1", "1.5", "soon", "Sun, 06 Nov 1994 08:49:37 GMT+1"}) {
    EXPECT_EQ(parse_retry_after(bad, kNow), std::nullopt) << bad;
  }
}

TEST(FailureLog, SaysAReasonAtOnceThenOnceAMinute) {
  HandClock clock;
  Lines lines;
  FailureLog log("soc", clock, lines.writer());
  log.worked();
  log.failed("A");
  log.failed("A");
  log.failed("B");
  log.failed("A");
  EXPECT_THAT(lines.all(), ElementsAre("soc: A", "soc: B"));
  clock.now = FailureLog::kAgainAfterNs;
  log.failed("A");
  log.worked();
  log.worked();
  EXPECT_THAT(lines.all(),
              ElementsAre("soc: A", "soc: B", "soc: A (and 2 times before that)", "soc: delivering again"));
}

TEST(FailureLog, IsBounded) {
  HandClock clock;
  Lines lines;
  FailureLog log("soc", clock, lines.writer());
  for (std::size_t i = 0; i < FailureLog::kMaxReasons * 10; ++i) {
    log.failed(std::to_string(i));
  }
  EXPECT_EQ(lines.all().size(), FailureLog::kMaxReasons + 1);
  EXPECT_EQ(lines.all().back(), "soc: other failures");
}

TEST(SinkFilter, AsksForSeverityAndAnyTag) {
  const SinkFilter all;
  EXPECT_TRUE(all.wants(*make_alert("1", Severity::info)));
  const SinkFilter grave{Severity::high, {"shell", "network"}};
  EXPECT_TRUE(grave.wants(*make_alert("1", Severity::high, {"container", "shell"})));
  EXPECT_TRUE(grave.wants(*make_alert("1", Severity::critical, {"network"})));
  EXPECT_FALSE(grave.wants(*make_alert("1", Severity::medium, {"shell"})));
  EXPECT_FALSE(grave.wants(*make_alert("1", Severity::high, {"container"})));
  EXPECT_FALSE(grave.wants(*make_alert("1", Severity::high)));
}

}  // namespace
}  // namespace bongsu
