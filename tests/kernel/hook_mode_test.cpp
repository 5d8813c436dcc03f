// SPDX-License-Identifier: Apache-2.0
//
// HookMode: one kind of hooks alone serves what it can, says of the rest why not, and identity's events are there
// whatever was asked for.
#include <gmock/gmock.h>

#include <algorithm>

#include "sensor/call_hooks.h"
#include "support/kernel/kernel_test.h"
#include "support/kernel/worker.h"

namespace bongsu::test {
namespace {

using testing::HasSubstr;

class HookModeTest : public KernelTest {
 protected:
  void open_with(HookMode mode) {
    SensorOptions options;
    options.hooks = mode;
    open({EventType::open, EventType::exec_failed}, options);
  }
  [[nodiscard]] const HookChoice& choice(EventType event) {
    const HookPlan& plan = sensor().plan();
    const auto found = std::find_if(plan.begin(), plan.end(), [&](const auto& one) { return one.event == event; });
    EXPECT_NE(found, plan.end());
    return *found;
  }
  // Whether a file that a child opens is told; that the child was made always is.
  void expect_opens(bool told) {
    Worker worker([](int) { open_and_close("/dev/null"); });
    ASSERT_TRUE(worker.step(0));
    ASSERT_NE(wait_for(EventType::fork, worker.pid()), nullptr);
    sensor().detach();
    sensor().drain(keeper());
    EXPECT_EQ(all(EventType::fork, worker.pid()).size(), 1U);
    EXPECT_EQ(all(EventType::open, worker.pid()).size(), told ? 1U : 0U);
  }
};
BONGSU_BOTH_TRANSPORTS(HookModeTest);

TEST_P(HookModeTest, TracepointsAloneSeeNoCalls) {
  open_with(HookMode::tracepoint);
  EXPECT_EQ(choice(EventType::open).hook, nullptr);
  EXPECT_THAT(choice(EventType::open).refused, HasSubstr("not asked for (--hooks tracepoint)"));
  EXPECT_NE(choice(EventType::exec).hook, nullptr);
  expect_opens(false);
}

TEST_P(HookModeTest, TheReturnOfEveryCallServesThem) {
  open_with(HookMode::syscall);
  ASSERT_NE(choice(EventType::open).hook, nullptr);
  EXPECT_EQ(choice(EventType::open).hook->rung, 3);
  EXPECT_EQ(choice(EventType::open).hook->attach, kEveryReturn);
  expect_opens(true);
}

TEST_P(HookModeTest, FunctionsServeThemWhereTheKernelPermits) {
  open_with(HookMode::fentry);
  const std::string& why = functions_unavailable();
  if (why.empty()) {
    ASSERT_NE(choice(EventType::open).hook, nullptr);
    EXPECT_EQ(choice(EventType::open).hook->rung, 2);
  } else {
    EXPECT_EQ(choice(EventType::open).hook, nullptr);
    EXPECT_THAT(choice(EventType::open).refused, HasSubstr(why));
  }
  expect_opens(why.empty());
}

TEST_P(HookModeTest, AutomaticTakesTheBestThereIs) {
  open_with(HookMode::automatic);
  ASSERT_NE(choice(EventType::open).hook, nullptr);
  EXPECT_EQ(choice(EventType::open).hook->rung, functions_unavailable().empty() ? 2 : 3);
  EXPECT_THAT(choice(EventType::open).refused, HasSubstr(functions_unavailable()));
  expect_opens(true);
}

}  // namespace
}  // namespace bongsu::test
