// SPDX-License-Identifier: Apache-2.0
//
// ProcessTable's bounds: who is kept, who goes first, and that each is counted.
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

#include "identity/process_table.h"
#include "support/record_builder.h"

namespace bongsu {
namespace {

using test::kSecond;
using test::RecordBuilder;
using test::Who;

class FakeReader final : public ProcReader {
 public:
  bool arguments(std::uint32_t, std::uint64_t, std::size_t, std::string&, bool&) override { return false; }
  bool exists(std::uint32_t pid, std::uint64_t) override {
    ++asked;
    return !gone.contains(pid);
  }
  std::set<std::uint32_t> gone;
  int asked = 0;
};

// Who is told by its pid alone here: it starts at that second.
Who who(std::uint32_t pid) { return {pid, pid * kSecond}; }

class Bounded : public testing::Test {
 protected:
  static ProcessLimits limits(std::size_t processes, std::size_t args = 1 << 20) {
    return {processes, args, 10 * kSecond};
  }
  static bool knows(const ProcessTable& table, std::uint32_t pid) { return table.find(pid, pid * kSecond) != nullptr; }
};

TEST_F(Bounded, ExitedOnesGoAfterTenSeconds) {
  ProcessTable table(limits(100), "boot", nullptr);
  table.observe(RecordBuilder::exec(who(1)).program("/bin/a").record());
  table.observe(RecordBuilder::exit(who(1)).at(2 * kSecond).record());
  table.observe(RecordBuilder::exec(who(2)).at(12 * kSecond - 1).record());
  EXPECT_TRUE(knows(table, 1));
  table.observe(RecordBuilder::exec(who(3)).at(12 * kSecond).record());
  EXPECT_FALSE(knows(table, 1));
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table.programs().size(), 2U);
  EXPECT_EQ(table.counters().evicted_early, 0U);
}

TEST_F(Bounded, AncestorsOutliveTheirExitAsLongAsADescendantLives) {
  ProcessTable table(limits(100), "boot", nullptr);
  table.observe(RecordBuilder::exec(who(1)).program("/bin/grandfather").record());
  table.observe(RecordBuilder::fork(who(2), who(1)).record());
  table.observe(RecordBuilder::fork(who(3), who(2)).record());
  table.observe(RecordBuilder::exit(who(1)).at(4 * kSecond).record());
  table.observe(RecordBuilder::exit(who(2)).at(5 * kSecond).record());
  for (std::uint32_t pid = 1000; pid < 1050; ++pid) {
    table.observe(RecordBuilder::exec(who(pid)).record());
  }
  const Process* child = table.find(3, 3 * kSecond);
  ASSERT_NE(child, nullptr);
  ASSERT_NE(table.parent_of(*child), nullptr);
  EXPECT_EQ(table.parent_of(*table.parent_of(*child))->program->executable, "/bin/grandfather");
  // Once the last descendant has gone they go, one after the other.
  table.observe(RecordBuilder::exit(who(3)).at(1050 * kSecond).record());
  table.observe(RecordBuilder::exec(who(1100)).record());
  table.observe(RecordBuilder::exec(who(1101)).record());
  EXPECT_FALSE(knows(table, 1));
  EXPECT_FALSE(knows(table, 2));
  EXPECT_FALSE(knows(table, 3));
  EXPECT_EQ(table.counters().lineage_cut, 0U);
}

TEST_F(Bounded, WhenFullTheLongestExitedGoesFirst) {
  ProcessTable table(limits(3), "boot", nullptr);
  for (std::uint32_t pid = 1; pid <= 3; ++pid) {
    table.observe(RecordBuilder::exec(who(pid)).at(3 * kSecond).record());
  }
  table.observe(RecordBuilder::exit(who(2)).at(4 * kSecond).record());
  table.observe(RecordBuilder::exit(who(1)).at(4 * kSecond + 1).record());
  table.observe(RecordBuilder::exec(who(4)).at(4 * kSecond + 2).record());
  EXPECT_FALSE(knows(table, 2));
  EXPECT_TRUE(knows(table, 1));
  EXPECT_EQ(table.counters().evicted_early, 1U);
}

TEST_F(Bounded, WhenOnlyAncestorsAreDeadLineageIsCutAndCounted) {
  ProcessTable table(limits(3), "boot", nullptr);
  table.observe(RecordBuilder::exec(who(1)).record());
  table.observe(RecordBuilder::fork(who(2), who(1)).record());
  table.observe(RecordBuilder::exit(who(1)).at(3 * kSecond).record());
  table.observe(RecordBuilder::exec(who(3)).record());
  table.observe(RecordBuilder::exec(who(4)).record());
  EXPECT_EQ(table.counters().lineage_cut, 1U);
  const Process* child = table.find(2, 2 * kSecond);
  ASSERT_NE(child, nullptr);
  EXPECT_EQ(table.parent_of(*child), nullptr);
  EXPECT_EQ(child->parent_pid, 1U);
  EXPECT_EQ(table.size(), 3U);
  // The freed slot was used again: the void reference finds nobody, and its end takes nothing from the new owner.
  table.observe(RecordBuilder::exit(who(2)).at(5 * kSecond).record());
  table.observe(RecordBuilder::exec(who(30)).record());
  EXPECT_FALSE(knows(table, 2));
  EXPECT_TRUE(knows(table, 4));
}

TEST_F(Bounded, WhenAllLiveTheNewOneIsKnownForOneEventOnly) {
  ProcessTable table(limits(2), "boot", nullptr);
  table.observe(RecordBuilder::exec(who(1)).program("/bin/one").record());
  table.observe(RecordBuilder::exec(who(2)).record());
  const RecordBuilder fork = RecordBuilder::fork(who(3), who(1));
  const auto subject = table.observe(fork.record());
  EXPECT_EQ(subject.process->pid, 3U);
  EXPECT_EQ(subject.program.executable, "/bin/one");
  EXPECT_EQ(table.parent_of(*subject.process), table.find(1, kSecond));
  const RecordBuilder exec = RecordBuilder::exec(who(3)).parent(who(1)).program("/bin/three").args({"three"});
  const auto again = table.observe(exec.record());
  EXPECT_EQ(again.program.executable, "/bin/three");
  EXPECT_EQ(table.parent_of(*again.process), table.find(1, kSecond));
  EXPECT_FALSE(knows(table, 3));
  EXPECT_EQ(table.counters().refused, 2U);
  EXPECT_EQ(table.size(), 2U);
  // The known ones are unharmed.
  EXPECT_EQ(table.find(1, kSecond)->program->executable, "/bin/one");
  EXPECT_EQ(table.find(1, kSecond)->children, 0U);
}

TEST_F(Bounded, WhenAllSeemToLiveTheLostAreLookedFor) {
  FakeReader reader;
  ProcessTable table(limits(3), "boot", &reader);
  for (std::uint32_t pid = 1; pid <= 3; ++pid) {
    table.observe(RecordBuilder::exec(who(pid)).record());
  }
  reader.gone = {2};
  table.observe(RecordBuilder::exec(who(4)).record());
  EXPECT_FALSE(knows(table, 2));
  EXPECT_TRUE(knows(table, 4));
  EXPECT_EQ(table.counters().implied_exits, 1U);
  EXPECT_EQ(table.counters().refused, 0U);
  // Not for every record: that would be a flood of questions.
  const int before = reader.asked;
  table.observe(RecordBuilder::exec(who(5)).at(4 * kSecond + 2).record());
  EXPECT_EQ(table.counters().refused, 1U);
  EXPECT_EQ(reader.asked, before);
}

TEST_F(Bounded, AChildIsNotSacrificedForItsParentsPlace) {
  FakeReader reader;
  reader.gone = {1, 2, 3};
  ProcessTable table(limits(1), "boot", &reader);
  const auto subject = table.observe(RecordBuilder::exec(who(2)).parent(who(1)).record());
  EXPECT_EQ(subject.process, table.find(2, 2 * kSecond));
  EXPECT_EQ(subject.process->pid, 2U);
  // The same for one that has ended already when its fork is read.
  table.observe(RecordBuilder::exit(who(2)).at(3 * kSecond).record());
  const auto late = table.observe(RecordBuilder::fork(who(2), who(7)).record());
  EXPECT_EQ(late.process, table.find(2, 2 * kSecond));
  EXPECT_EQ(late.process->parent_pid, 7U);
  table.observe(RecordBuilder::exec(who(3)).record());  // it may go now
  EXPECT_TRUE(knows(table, 3));
}

TEST_F(Bounded, ArgumentsAreBoundedInTotal) {
  ProcessTable table(limits(100, 1000), "boot", nullptr);
  const std::string args(600, 'x');
  table.observe(RecordBuilder::exec(who(1)).blob_args(args).record());
  table.observe(RecordBuilder::exit(who(1)).at(2 * kSecond).record());
  table.observe(RecordBuilder::exec(who(2)).blob_args(args).record());  // the dead make room first
  EXPECT_FALSE(knows(table, 1));
  EXPECT_EQ(table.programs().args_cut(), 0U);
  const RecordBuilder exec = RecordBuilder::exec(who(3)).blob_args(args);
  const auto subject = table.observe(exec.record());
  EXPECT_EQ(subject.program.args.size(), 600U);  // the event tells all of it
  EXPECT_EQ(table.programs().args_cut(), 1U);
  EXPECT_EQ(table.programs().args_bytes(), 1000U);
  EXPECT_NE(table.find(3, 3 * kSecond)->program->flags & BONGSU_EXEC_ARGS_TRUNCATED, 0U);
}

}  // namespace
}  // namespace bongsu
