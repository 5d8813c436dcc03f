// SPDX-License-Identifier: Apache-2.0
#include "cli/verification.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/metrics_text.h"

namespace bongsu {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

MonitorNumbers numbers(std::string_view text) {
  const auto samples = read_prometheus(text);
  EXPECT_TRUE(samples);
  return monitor_numbers(*samples);
}

// As a monitor with two destinations has it after some work.
MonitorNumbers before() {
  return numbers(R"(bongsu_rule_matches_total{rule="monitor-verify"} 3
bongsu_rule_matches_total{rule="other"} 70
bongsu_judged_events_total{event="exec"} 500
bongsu_judged_events_total{event="open"} 900
bongsu_out_of_scope_events_total 0
bongsu_sink_alerts_total{sink="stdout",outcome="delivered"} 40
bongsu_sink_alerts_total{sink="stdout",outcome="filtered"} 0
bongsu_sink_alerts_total{sink="soc",outcome="delivered"} 10
bongsu_sink_alerts_total{sink="soc",outcome="filtered"} 25
bongsu_sink_alerts_total{sink="soc",outcome="rejected"} 1
bongsu_sink_queued_alerts{sink="stdout"} 0
bongsu_sink_queued_alerts{sink="soc"} 2
)");
}

MonitorNumbers matched() {
  MonitorNumbers now = before();
  now.matches = 4;
  now.execs += 2;
  return now;
}

TEST(MonitorNumbersTest, AreReadFromTheMetrics) {
  const MonitorNumbers now = before();
  EXPECT_EQ(now.matches, 3U);
  EXPECT_EQ(now.execs, 500U);
  EXPECT_EQ(now.destinations.size(), 2U);
  EXPECT_EQ(now.destinations.at("soc").settled(), 11U);
  EXPECT_EQ(now.destinations.at("soc").filtered, 25U);
  EXPECT_EQ(now.destinations.at("soc").queued, 2U);
  EXPECT_FALSE(numbers("bongsu_rule_matches_total{rule=\"other\"} 1\n").matches);
}

TEST(VerificationTest, WaitsForTheMatchAndThenForWhatStandsBeforeTheAlert) {
  Verification verification(before());
  verification.look(before());
  EXPECT_FALSE(verification.matched());
  EXPECT_FALSE(verification.settled());
  MonitorNumbers now = matched();
  now.destinations["stdout"].delivered += 1;
  now.destinations["soc"].queued += 1;
  verification.look(now);
  EXPECT_TRUE(verification.matched());
  EXPECT_FALSE(verification.settled());
  EXPECT_EQ(verification.result().error().message, "the alert still waits to be delivered to soc");
  now.destinations["soc"].queued = 1;
  now.destinations["soc"].delivered += 2;  // those from before: it is not yet this one's turn
  verification.look(now);
  EXPECT_FALSE(verification.settled());
  now.destinations["soc"].queued = 5;  // others came after it
  now.destinations["soc"].delivered += 1;
  verification.look(now);
  EXPECT_TRUE(verification.settled());
  EXPECT_TRUE(verification.result());
  EXPECT_EQ(verification.told(), "judged: rule monitor-verify matched\ndelivered: soc, stdout\n");
}

TEST(VerificationTest, ADestinationMayLeaveTheAlertOutIfAnotherTakesIt) {
  Verification verification(before());
  MonitorNumbers now = matched();
  now.destinations["soc"].filtered += 1;
  now.destinations["soc"].delivered += 2;
  now.destinations["soc"].queued = 0;
  now.destinations["stdout"].filtered += 1;
  MonitorNumbers all_left_out = now;
  all_left_out.destinations["soc"] = before().destinations["soc"];
  all_left_out.destinations["soc"].filtered += 1;
  all_left_out.destinations["soc"].queued = 0;
  verification.look(now);
  ASSERT_TRUE(verification.settled());
  EXPECT_TRUE(verification.result());
  EXPECT_THAT(verification.told(), HasSubstr("\nleft out: stdout (its min_severity or tags"));

  Verification nobody(before());
  nobody.look(all_left_out);
  ASSERT_TRUE(nobody.settled());
  EXPECT_THAT(nobody.result().error().to_string(), StartsWith("the alert was seen, but no destination asks for it: "));
}

TEST(VerificationTest, WhatADestinationRefusesIsAFailure) {
  for (const auto member : {&MonitorNumbers::Destination::refused, &MonitorNumbers::Destination::rejected,
                            &MonitorNumbers::Destination::undelivered}) {
    Verification verification(before());
    MonitorNumbers now = matched();
    now.destinations["stdout"].delivered += 1;
    now.destinations["soc"].*member += 1;
    verification.look(now);
    EXPECT_TRUE(verification.settled());
    EXPECT_EQ(verification.result().error().message, "the alert was not delivered to soc");
  }
}

TEST(VerificationTest, SaysWhatIsMissing) {
  MonitorNumbers none = before();
  none.matches.reset();
  EXPECT_EQ(Verification(none).result().error().message, "the monitor has no rule monitor-verify");

  Verification idle(before());
  idle.look(before());
  EXPECT_EQ(idle.result().error().message, "the monitor has judged no exec meanwhile");

  MonitorNumbers now = before();
  now.out_of_scope += 9;
  Verification scoped(before());
  scoped.look(now);
  EXPECT_EQ(scoped.result().error().message, "the monitor left out what happens here");

  now.execs += 5;
  Verification elsewhere(before());
  elsewhere.look(now);
  EXPECT_EQ(elsewhere.result().error().message, "the monitor judges, but has not seen this command");

  MonitorNumbers held = matched();
  held.held += 1;
  held.destinations["stdout"].delivered += 1;
  held.destinations["soc"].queued = 0;
  held.destinations["soc"].delivered += 2;
  Verification throttled(before());
  throttled.look(held);
  EXPECT_EQ(throttled.result().error().message, "the rule's throttle held the alert back");

  MonitorNumbers mute = matched();
  mute.destinations.clear();
  Verification nobody(before());
  nobody.look(mute);
  EXPECT_EQ(nobody.result().error().message, "the monitor delivers to nobody");
}

}  // namespace
}  // namespace bongsu
