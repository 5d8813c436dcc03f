// SPDX-License-Identifier: Apache-2.0
//
// When nobody reads, what has no room is counted: every event is either handed over or told as lost.
#include <algorithm>
#include <array>
#include <string>

#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"

namespace bongsu::test {
namespace {

using LossTest = KernelTest;
BONGSU_BOTH_TRANSPORTS(LossTest);

constexpr std::array kTypes = {EventType::fork, EventType::exec, EventType::exit};

std::uint64_t emitted(const bongsu_counters& counters, EventType type) {
  return counters.emitted[static_cast<std::size_t>(type)];
}
std::uint64_t lost(const bongsu_counters& counters, EventType type, bongsu_loss reason) {
  return counters.lost[static_cast<std::size_t>(type)][reason];
}

// Other processes of the machine are seen too: a second sensor that is there for longer bounds how many there were.
TEST_P(LossTest, EveryEventOfAFullRingIsCounted) {
  constexpr int kProcesses = 300;
  expect_losses();
  const SystemClock clock;
  SensorOptions whole;
  whole.transport = GetParam();
  auto witness = Sensor::open(whole, clock);
  ASSERT_TRUE(witness.has_value()) << witness.error().to_string();
  SensorOptions tiny;
  tiny.ring_bytes = 4096;
  open({}, tiny);

  const TemporaryDirectory directory;
  Child storm(
      {.args = {trigger("storm"), std::to_string(kProcesses), trigger("exit"), directory.path() + "/measured"}});
  ASSERT_EQ(storm.finish(), 0);
  sensor().detach();
  const bongsu_counters counters = sensor().counters();
  (*witness)->detach();
  const bongsu_counters bound = (*witness)->counters();

  for (const EventType type : kTypes) {
    const std::uint64_t full = lost(counters, type, BONGSU_LOSS_RING_FULL);
    EXPECT_GT(full, 0U) << info(type).name;
    EXPECT_EQ(lost(counters, type, BONGSU_LOSS_REENTRANT), 0U) << info(type).name;
    EXPECT_GE(emitted(counters, type) + full, kProcesses + 1U) << info(type).name;
    EXPECT_EQ(lost(bound, type, BONGSU_LOSS_RING_FULL), 0U) << info(type).name;
    EXPECT_LE(emitted(counters, type) + full, emitted(bound, type)) << info(type).name;
  }
  // What was not lost arrives.
  std::uint64_t all_emitted = 0;
  for (const std::uint64_t count : counters.emitted) {
    all_emitted += count;
  }
  EXPECT_EQ(sensor().drain(keeper()), all_emitted);
  EXPECT_EQ(records().size(), all_emitted);
  EXPECT_GT(all_emitted, 0U);
}

TEST_P(LossTest, AfterAFullRingEventsComeAgain) {
  expect_losses();
  SensorOptions tiny;
  tiny.ring_bytes = 4096;
  open({}, tiny);
  const TemporaryDirectory directory;
  Child storm({.args = {trigger("storm"), "300", trigger("exit"), directory.path() + "/measured"}});
  ASSERT_EQ(storm.finish(), 0);
  ASSERT_GT(lost(sensor().counters(), EventType::exit, BONGSU_LOSS_RING_FULL), 0U);
  (void)sensor().drain(keeper());
  const std::uint64_t emptied_ns = boot_ns();
  Child child({.args = {trigger("exit"), "code", "0"}});
  ASSERT_EQ(child.finish(), 0);
  (void)sensor().drain(keeper());
  // Whoever's: a busy machine may have filled it again before this child came.
  const bool told = std::any_of(records().begin(), records().end(),
                                [&](const KeptRecord& kept) { return kept.record().header().time_ns > emptied_ns; });
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace bongsu::test
