// SPDX-License-Identifier: Apache-2.0
#include "alert/throttle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/fake_event.h"

namespace bongsu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'795'246'460 * kSecond;

Rule rule_with(Throttle throttle, std::string id = "r") {
  Rule rule;
  rule.id = std::move(id);
  rule.throttle = std::move(throttle);
  return rule;
}

FakeEvent at(double seconds, const std::string& container = "c", EventType type = EventType::exec) {
  FakeEvent event(type);
  event.date(FieldId::timestamp, kStart + static_cast<std::int64_t>(seconds * kSecond))
      .text(FieldId::container_id, container)
      .text(FieldId::process_executable, "/bin/sh");
  return event;
}

struct AlertThrottleTest : testing::Test {
  AlertThrottle make(AlertThrottle::Limits limits = {}) {
    return {[this](const EventView& event, const Rule& rule, const Rollup& rollup) {
              const auto seconds = [](std::int64_t ns) { return std::to_string((ns - kStart) / kSecond); };
              told.push_back(rule.id + ' ' + std::string(event.value(FieldId::container_id).string()) + ' ' +
                             std::to_string(rollup.count) + ' ' + seconds(rollup.first_ns) + ".." +
                             seconds(rollup.last_ns) + " shows " + seconds(event.value(FieldId::timestamp).integer()));
            },
            limits};
  }
  static void advance(AlertThrottle& throttle, double seconds) {
    throttle.advance(kStart + static_cast<std::int64_t>(seconds * kSecond));
  }
  std::vector<std::string> told;
};

TEST_F(AlertThrottleTest, TheFirstGoesOutTheOthersAreToldOfAtTheEndOfTheWindow) {
  AlertThrottle throttle = make();
  const Rule rule = rule_with({});
  EXPECT_TRUE(throttle.admit(at(0), rule));
  for (const double when : {1, 3, 2, 9}) {
    EXPECT_FALSE(throttle.admit(at(when), rule));
  }
  advance(throttle, 9.99);
  EXPECT_THAT(told, IsEmpty());
  advance(throttle, 10);
  EXPECT_THAT(told, ElementsAre("r c 4 1..9 shows 1"));
  EXPECT_TRUE(throttle.admit(at(10), rule));
  advance(throttle, 100);
  EXPECT_EQ(told.size(), 1U) << "nothing was held back: nothing is told";
  const AlertThrottle::Counters counters = throttle.counters();
  EXPECT_EQ(counters.held, 4U);
  EXPECT_EQ(counters.rollups, 1U);
  EXPECT_EQ(counters.windows, 0U);
  EXPECT_EQ(counters.bytes, 0U);
  EXPECT_EQ(counters.evictions, 0U);
}

TEST_F(AlertThrottleTest, AnEventBehindTheWindowEndsItByItself) {
  AlertThrottle throttle = make();
  const Rule rule = rule_with({});
  EXPECT_TRUE(throttle.admit(at(0), rule));
  EXPECT_FALSE(throttle.admit(at(1), rule));
  EXPECT_TRUE(throttle.admit(at(10), rule));
  EXPECT_THAT(told, ElementsAre("r c 1 1..1 shows 1"));
}

TEST_F(AlertThrottleTest, KeysRulesAndMax) {
  AlertThrottle throttle = make();
  const Rule two = rule_with({.by = {FieldId::container_id}, .per_ns = kSecond, .max = 2}, "two");
  const Rule all = rule_with({.by = {}, .per_ns = kSecond, .max = 1}, "all");
  EXPECT_TRUE(throttle.admit(at(0, "a"), two));
  EXPECT_TRUE(throttle.admit(at(0, "b"), two));
  EXPECT_TRUE(throttle.admit(at(0, "a"), two));
  EXPECT_FALSE(throttle.admit(at(0, "a"), two));
  EXPECT_TRUE(throttle.admit(at(0.5, "a"), all));
  EXPECT_FALSE(throttle.admit(at(0.5, "b"), all));
  advance(throttle, 1);
  EXPECT_THAT(told, ElementsAre("two a 1 0..0 shows 0"));
  advance(throttle, 1.5);
  EXPECT_THAT(told, ElementsAre("two a 1 0..0 shows 0", "all b 1 0..0 shows 0"));
}

TEST_F(AlertThrottleTest, RulesWithoutItAndAgentEventsAreNeverHeldBack) {
  AlertThrottle throttle = make();
  const Rule off = rule_with({.enabled = false});
  const Rule on = rule_with({});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(throttle.admit(at(0), off));
    EXPECT_TRUE(throttle.admit(at(0, "c", EventType::heartbeat), on));
  }
  EXPECT_EQ(throttle.counters().windows, 0U);
}

TEST_F(AlertThrottleTest, TheEndTellsAll) {
  AlertThrottle throttle = make();
  const Rule rule = rule_with({});
  for (const char* name : {"a", "b"}) {
    EXPECT_TRUE(throttle.admit(at(0, name), rule));
    EXPECT_FALSE(throttle.admit(at(1, name), rule));
  }
  throttle.flush();
  EXPECT_THAT(told, ElementsAre("r a 1 1..1 shows 1", "r b 1 1..1 shows 1"));
  throttle.flush();
  EXPECT_EQ(told.size(), 2U);
}

TEST_F(AlertThrottleTest, WithoutRoomTheLongestUnaskedIsToldEarly) {
  AlertThrottle throttle = make({.windows = 2});
  const Rule rule = rule_with({});
  EXPECT_TRUE(throttle.admit(at(0, "a"), rule));
  EXPECT_FALSE(throttle.admit(at(0, "a"), rule));
  EXPECT_TRUE(throttle.admit(at(0, "b"), rule));
  EXPECT_TRUE(throttle.admit(at(0, "c"), rule));
  EXPECT_THAT(told, ElementsAre("r a 1 0..0 shows 0"));
  EXPECT_EQ(throttle.counters().evictions, 1U);
  EXPECT_TRUE(throttle.admit(at(0, "d"), rule));  // b held nothing back: no loss
  EXPECT_EQ(throttle.counters().evictions, 1U);
}

TEST_F(AlertThrottleTest, BytesAreBoundedToo) {
  constexpr std::size_t kBytes = 100'000;
  AlertThrottle throttle = make({.bytes = kBytes});
  const Rule rule = rule_with({});
  for (int i = 0; i < 200; ++i) {
    FakeEvent event = at(0, std::to_string(i));
    event.text(FieldId::process_command_line, std::string(5'000, 'x'));
    EXPECT_TRUE(throttle.admit(event, rule));
    EXPECT_FALSE(throttle.admit(event, rule));
    ASSERT_LE(throttle.counters().bytes, kBytes + 6'000);
  }
  const std::size_t early = told.size();
  EXPECT_EQ(throttle.counters().evictions, early);
  EXPECT_GT(early, 150U);
  throttle.flush();
  EXPECT_EQ(told.size(), 200U);
}

TEST_F(AlertThrottleTest, AReloadKeepsWindowsAndEndsThoseOfRulesThatAreGone) {
  AlertThrottle throttle = make();
  const std::vector<Rule> old{rule_with({}, "kept"), rule_with({}, "changed"), rule_with({}, "gone")};
  for (const Rule& rule : old) {
    EXPECT_TRUE(throttle.admit(at(0), rule));
    EXPECT_FALSE(throttle.admit(at(1), rule));
  }
  const std::vector<Rule> fresh{rule_with({.per_ns = 5 * kSecond}, "changed"), rule_with({}, "kept")};
  throttle.use(fresh);
  EXPECT_THAT(told, ElementsAre("changed c 1 1..1 shows 1", "gone c 1 1..1 shows 1"));
  EXPECT_FALSE(throttle.admit(at(2), fresh[1]));
  EXPECT_TRUE(throttle.admit(at(2), fresh[0]));
  told.clear();
  throttle.flush();
  EXPECT_THAT(told, ElementsAre("kept c 2 1..2 shows 1"));
}

TEST_F(AlertThrottleTest, AClockThatWasSetBackEndsTheWindows) {
  AlertThrottle throttle = make();
  const Rule rule = rule_with({});
  advance(throttle, 1'000);
  EXPECT_TRUE(throttle.admit(at(1'000), rule));
  EXPECT_FALSE(throttle.admit(at(1'001), rule));
  advance(throttle, 999);  // a little out of order
  EXPECT_THAT(told, IsEmpty());
  advance(throttle, 0);
  EXPECT_EQ(told.size(), 1U);
  EXPECT_TRUE(throttle.admit(at(0), rule));
  EXPECT_FALSE(throttle.admit(at(1), rule));
  advance(throttle, 10);
  EXPECT_EQ(told.size(), 2U);
}

}  // namespace
}  // namespace bongsu
