// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "unit/rules/state_testing.h"

namespace bongsu {
namespace {

using testing::at;
using testing::compiled;
using testing::counting;
using testing::fires;
using testing::kSecond;
using testing::rule_about;

Count of(std::uint32_t at_least, std::vector<FieldId> by = {}, FieldId distinct = FieldId::none) {
  return {.by = std::move(by), .within_ns = 10 * kSecond, .distinct = distinct, .at_least = at_least};
}

FakeEvent in(const std::string& container, double seconds) {
  FakeEvent event = at(seconds);
  event.text(FieldId::container_id, container);
  return event;
}

TEST(Count, FiresAtTheEventThatFillsTheWindowAndThenBeginsAnew) {
  RuleState state(compiled({counting("c", of(3))}));
  EXPECT_EQ(fires(state, at(0)), "");
  EXPECT_EQ(fires(state, at(4)), "");
  EXPECT_EQ(fires(state, at(10)), "c ");  // the first is ten seconds ago: still in
  EXPECT_EQ(fires(state, at(10)), "");
  EXPECT_EQ(fires(state, at(11)), "");
  EXPECT_EQ(fires(state, at(12)), "c ");
}

TEST(Count, TheWindowSlides) {
  RuleState state(compiled({counting("c", of(3))}));
  EXPECT_EQ(fires(state, at(0)), "");
  EXPECT_EQ(fires(state, at(9)), "");
  EXPECT_EQ(fires(state, at(10.1)), "");  // the first is out
  EXPECT_EQ(fires(state, at(18.9)), "c ");
}

TEST(Count, KeysAreCountedApartAndAMissingOneIsAKey) {
  RuleState state(compiled({counting("c", of(2, {FieldId::container_id, FieldId::process_name}))}));
  EXPECT_EQ(fires(state, in("a", 0)), "");
  EXPECT_EQ(fires(state, in("b", 0)), "");
  EXPECT_EQ(fires(state, at(0)), "");
  EXPECT_EQ(fires(state, in("", 0)), "");  // empty is not missing
  FakeEvent named = in("a", 1);
  EXPECT_EQ(fires(state, named.text(FieldId::process_name, "sh")), "");
  EXPECT_EQ(fires(state, in("b", 1)), "c ");
  EXPECT_EQ(fires(state, at(1)), "c ");
  EXPECT_EQ(state.counters().keys, 3U);
}

TEST(Count, DifferentValuesAreCountedOnceAndNoneNotAtAll) {
  RuleState state(compiled({counting("c", of(3, {}, FieldId::process_name))}));
  const auto named = [](const std::string& name, double seconds) {
    FakeEvent event = at(seconds);
    event.text(FieldId::process_name, name);
    return event;
  };
  EXPECT_EQ(fires(state, named("a", 0)), "");
  EXPECT_EQ(fires(state, named("b", 1)), "");
  EXPECT_EQ(fires(state, at(2)), "");
  EXPECT_EQ(fires(state, named("a", 9)), "");   // seen again: it stays until 19
  EXPECT_EQ(fires(state, named("c", 12)), "");  // b is out
  EXPECT_EQ(fires(state, named("d", 13)), "c ");
  EXPECT_EQ(fires(state, named("a", 13)), "");
}

// Against the plain definition: some `within` holds `at_least` of what was seen since the rule fired last.
TEST(Count, EventsALittleOutOfOrderAreCountedWhereTheyBelong) {
  std::mt19937 random(7);  // NOLINT(bugprone-random-generator-seed): the same each time
  for (const bool distinct : {false, true}) {
    RuleState state(compiled({counting("c", of(6, {}, distinct ? FieldId::process_pid : FieldId::none))}));
    std::vector<std::pair<double, int>> seen;
    std::size_t fired = 0;
    double now = 100;
    for (int i = 0; i < 5'000; ++i) {
      now += std::uniform_real_distribution<>(0, 4)(random);
      const double when = now - std::uniform_real_distribution<>(0, 0.5)(random);
      const int value = std::uniform_int_distribution<>(0, 9)(random);
      seen.emplace_back(when, value);
      const double newest = std::ranges::max_element(seen)->first;
      std::set<int> values;
      std::size_t events = 0;
      for (const auto& [time, each] : seen) {
        if (newest - time <= 10) {
          ++events;
          values.insert(each);
        }
      }
      const bool expected = (distinct ? values.size() : events) >= 6;
      FakeEvent event = at(when);
      ASSERT_EQ(fires(state, event.number(FieldId::process_pid, value)), expected ? "c " : "") << i;
      if (expected) {
        ++fired;
        seen.clear();
      }
    }
    EXPECT_GT(fired, 50U);
  }
}

TEST(Count, AClockThatWasSetBackBeginsTheWindowAnew) {
  RuleState state(compiled({counting("c", of(2))}));
  EXPECT_EQ(fires(state, at(1'000)), "");
  EXPECT_EQ(fires(state, at(0)), "");
  EXPECT_EQ(fires(state, at(1)), "c ");
}

TEST(Count, RulesFireInTheirOrderWhetherTheyRememberOrNot) {
  RuleState state(compiled({rule_about("first", {{EventType::exec}}), counting("second", of(2)),
                            rule_about("third", {{EventType::exec}}), counting("fourth", of(2))}));
  EXPECT_EQ(fires(state, at(0)), "first third ");
  EXPECT_EQ(fires(state, at(0)), "first second third fourth ");
}

TEST(Count, KeysAreBoundedAndTheLongestUnaskedGoes) {
  RuleState state(compiled({counting("c", of(2, {FieldId::container_id}))}), {.keys_of_a_rule = 3});
  for (const char* name : {"a", "b", "c"}) {
    EXPECT_EQ(fires(state, in(name, 0)), "");
  }
  EXPECT_EQ(state.counters().evictions, 0U);
  EXPECT_EQ(fires(state, in("d", 1)), "");  // a goes
  EXPECT_EQ(state.counters().evictions, 1U);
  EXPECT_EQ(state.counters().keys, 3U);
  EXPECT_EQ(fires(state, in("b", 2)), "c ");
  EXPECT_EQ(fires(state, in("a", 2)), "");
  EXPECT_EQ(state.counters().evictions, 1U);
}

TEST(Count, WhatHasRunOutGoesUncounted) {
  RuleState state(compiled({counting("c", of(2, {FieldId::container_id}))}), {.keys_of_a_rule = 3});
  for (const char* name : {"a", "b", "c"}) {
    EXPECT_EQ(fires(state, in(name, 0)), "");
  }
  EXPECT_EQ(fires(state, in("d", 11)), "");
  EXPECT_EQ(state.counters().keys, 2U);
  EXPECT_EQ(state.counters().evictions, 0U);
}

TEST(Count, AllTogetherIsBoundedAndWhoHoldsMostPays) {
  constexpr std::size_t kBytes = 20'000;
  RuleState state(compiled({counting("greedy", of(1'000, {FieldId::container_id})), counting("small", of(2))}),
                  {.all_bytes = kBytes});
  EXPECT_EQ(fires(state, at(0)), "");
  for (int i = 0; i < 1'000; ++i) {
    FakeEvent event = in(std::to_string(i), 1);
    EXPECT_EQ(fires(state, event), i % 2 == 0 ? "small " : "");
    ASSERT_LE(state.counters().bytes, kBytes);
  }
  EXPECT_GT(state.counters().evictions, 800U);
}

TEST(Count, BytesAreGivenBack) {
  RuleState state(compiled({counting("c", of(50, {FieldId::container_id}, FieldId::process_pid))}));
  for (int i = 0; i < 500; ++i) {
    FakeEvent event = in(std::to_string(i % 10), 0);
    EXPECT_EQ(fires(state, event.number(FieldId::process_pid, i)), i >= 490 ? "c " : "");
  }
  EXPECT_EQ(state.counters().keys, 0U);
  EXPECT_EQ(state.counters().bytes, 0U);
}

TEST(Count, SurvivesAReloadOfTheSameCountAndNoOther) {
  const ir::Rule kept = counting("kept", of(2));
  const ir::Rule changed = counting("changed", of(2));
  RuleState state(compiled({kept, changed}));
  EXPECT_EQ(fires(state, at(0)), "");
  state.use(compiled({counting("changed", of(2, {FieldId::container_id})), counting("new", of(2)), kept}));
  EXPECT_EQ(fires(state, at(1)), "kept ");
  EXPECT_EQ(fires(state, at(1)), "changed new ");
  state.use(compiled({}));
  EXPECT_EQ(state.counters().bytes, 0U);
  EXPECT_EQ(state.counters().keys, 0U);
}

}  // namespace
}  // namespace bongsu
