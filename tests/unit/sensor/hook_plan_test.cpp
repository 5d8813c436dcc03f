// SPDX-License-Identifier: Apache-2.0
#include "sensor/hook_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace bongsu {
namespace {

constexpr std::array kLadder = {
    HookInfo{EventType::exec, 1, "exec_first", "tp_btf/first", ""},
    HookInfo{EventType::exec, 2, "exec_second", "fentry/second", "threads"},
    HookInfo{EventType::exec, 3, "exec_third", "tp_btf/third", ""},
    HookInfo{EventType::fork, 1, "fork_first", "tp_btf/fork", ""},
};

std::bitset<kEventCount> set_of(std::initializer_list<EventType> types) {
  std::bitset<kEventCount> set;
  for (const EventType type : types) {
    set.set(static_cast<std::size_t>(type));
  }
  return set;
}

// Says no to these programs.
auto without(std::vector<std::string_view> programs) {
  return [programs = std::move(programs)](const HookInfo& hook) -> std::string {
    const bool struck = std::find(programs.begin(), programs.end(), hook.program) != programs.end();
    return struck ? "not " + std::string(hook.program) : "";
  };
}

TEST(HookPlanTest, TakesTheFirstRung) {
  const HookPlan plan = choose_hooks(set_of({EventType::exec}), without({}), kLadder);
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].event, EventType::exec);
  EXPECT_EQ(plan[0].hook, &kLadder[0]);
  EXPECT_EQ(plan[0].refused, "");
}

TEST(HookPlanTest, GoesDownTheLadderAndSaysWhy) {
  const HookPlan plan = choose_hooks(set_of({EventType::exec}), without({"exec_first", "exec_second"}), kLadder);
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].hook, &kLadder[2]);
  EXPECT_EQ(plan[0].refused, "tp_btf/first: not exec_first; fentry/second: not exec_second");
}

TEST(HookPlanTest, DoesNotAskBelowTheRungItTakes) {
  std::vector<std::string> asked;
  const HookPlan plan = choose_hooks(
      set_of({EventType::exec}),
      [&](const HookInfo& hook) -> std::string {
        asked.emplace_back(hook.program);
        return hook.rung == 1 ? "no" : "";
      },
      kLadder);
  EXPECT_EQ(asked, (std::vector<std::string>{"exec_first", "exec_second"}));
}

TEST(HookPlanTest, AnEventWithoutAnyRungStaysInThePlanWithTheReasons) {
  const HookPlan plan = choose_hooks(set_of({EventType::fork, EventType::exec}), without({"fork_first"}), kLadder);
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(plan[1].event, EventType::fork);
  EXPECT_EQ(plan[1].hook, nullptr);
  EXPECT_EQ(plan[1].refused, "tp_btf/fork: not fork_first");
  EXPECT_NE(plan[0].hook, nullptr);
}

TEST(HookPlanTest, AnEventThatHasNoRungInTheLadderGetsNone) {
  const HookPlan plan = choose_hooks(set_of({EventType::exit}), without({}), kLadder);
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].hook, nullptr);
  EXPECT_EQ(plan[0].refused, "");
}

TEST(HookPlanTest, OnlyWhatIsWanted) {
  EXPECT_TRUE(choose_hooks({}, without({}), kLadder).empty());
  const HookPlan plan = choose_hooks(set_of({EventType::fork}), without({}), kLadder);
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].event, EventType::fork);
}

TEST(HookPlanTest, WhatUserSpaceMakesNeedsNoHook) {
  EXPECT_TRUE(choose_hooks(set_of({EventType::drop, EventType::none}), without({})).empty());
}

TEST(HookPlanTest, TheTableHasARungForEveryEventOfTheKernel) {
  std::bitset<kEventCount> everything;
  everything.set();
  const HookPlan plan = choose_hooks(everything, without({}));
  const auto from_kernel =
      std::count_if(events().begin(), events().end(), [](const EventInfo& event) { return event.ring != Ring::none; });
  EXPECT_EQ(static_cast<std::ptrdiff_t>(plan.size()), from_kernel);
  for (const HookChoice& choice : plan) {
    ASSERT_NE(choice.hook, nullptr) << info(choice.event).name;
    EXPECT_EQ(choice.hook->event, choice.event);
    // Nothing is refused here, so it is the first of its rows.
    const auto first =
        std::find_if(hooks().begin(), hooks().end(), [&](const HookInfo& hook) { return hook.event == choice.event; });
    EXPECT_EQ(choice.hook, &*first);
  }
}

}  // namespace
}  // namespace bongsu
