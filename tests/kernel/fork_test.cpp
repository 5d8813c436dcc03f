// SPDX-License-Identifier: Apache-2.0
//
// fork: every way to make a process, and no thread.
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"

namespace bongsu::test {
namespace {

using ForkTest = KernelTest;
BONGSU_BOTH_TRANSPORTS(ForkTest);

TEST_P(ForkTest, TellsTheWholeChild) {
  open();
  Child child({.args = {trigger("hold")}});
  ASSERT_EQ(child.line(), "ready");
  const Record* fork = wait_for(EventType::fork, child.pid());
  const Record* exec = wait_for(EventType::exec, child.pid());
  ASSERT_NE(fork, nullptr);
  ASSERT_NE(exec, nullptr);
  const auto self = static_cast<std::uint32_t>(::getpid());
  EXPECT_GE(fork->task().start_ns, child.before_ns());
  EXPECT_GE(fork->header().time_ns, fork->task().start_ns);
  EXPECT_LE(fork->header().time_ns, exec->header().time_ns);
  EXPECT_EQ(fork->header().flags, 0);
  EXPECT_EQ(fork->task().start_ns, exec->task().start_ns);
  EXPECT_EQ(fork->as<bongsu_fork>().creator_pid, self);
  EXPECT_EQ(fork->as<bongsu_fork>().creator_start_ns, fork->task().parent_start_ns);
  EXPECT_EQ(ticks(fork->as<bongsu_fork>().creator_start_ns), facts_of(self).start_ticks);
  EXPECT_EQ(fork->as<bongsu_fork>().pad, 0U);
  // It has executed something since, which changes the name and nothing else here.
  ProcFacts facts = facts_of(child.pid());
  facts.comm = facts_of(self).comm;
  expect_task(*fork, child.pid(), facts);
}

class EveryWayTest : public KernelTest {
 protected:
  void expect_child_of(const char* way) {
    open();
    Child child({.args = {trigger("fork"), way}});
    const std::uint32_t made = child.number();
    ASSERT_NE(made, 0U);
    const std::uint32_t maker = child.pid();
    EXPECT_EQ(child.finish(), 0);
    ASSERT_NE(wait_for(EventType::exit, made), nullptr);
    ASSERT_EQ(all(EventType::fork, made).size(), 1U);
    const Record* fork = all(EventType::fork, made)[0];
    EXPECT_EQ(fork->task().tid, made);
    EXPECT_EQ(fork->task().parent_pid, maker);
    EXPECT_EQ(fork->as<bongsu_fork>().creator_pid, maker);
    EXPECT_EQ(fork->as<bongsu_fork>().creator_start_ns, all(EventType::fork, maker)[0]->task().start_ns);
    EXPECT_EQ(comm_of(*fork), "fork");
  }
};
BONGSU_BOTH_TRANSPORTS(EveryWayTest);

TEST_P(EveryWayTest, Fork) { expect_child_of("fork"); }
TEST_P(EveryWayTest, Vfork) { expect_child_of("vfork"); }
TEST_P(EveryWayTest, Clone3) { expect_child_of("clone3"); }

TEST_P(ForkTest, FromAThreadIsTheProcesssAndTheThreadIsNotTold) {
  open();
  Child child({.args = {trigger("fork"), "thread"}});
  const std::uint32_t thread = child.number();
  const std::uint32_t made = child.number();
  const std::uint32_t maker = child.pid();
  EXPECT_EQ(child.finish(), 0);
  ASSERT_NE(wait_for(EventType::exit, maker), nullptr);  // after everything else
  ASSERT_EQ(all(EventType::fork, made).size(), 1U);
  const Record* fork = all(EventType::fork, made)[0];
  EXPECT_EQ(fork->task().parent_pid, maker);
  EXPECT_EQ(fork->as<bongsu_fork>().creator_pid, maker);
  EXPECT_TRUE(all(EventType::fork, thread).empty());
  EXPECT_TRUE(all(EventType::exit, thread).empty());
  // Not under the process's id either.
  EXPECT_EQ(all(EventType::fork, maker).size(), 1U);
  EXPECT_EQ(all(EventType::exit, maker).size(), 1U);
}

TEST_P(ForkTest, WithCloneParentTheCreatorIsTheOneThatDidIt) {
  open();
  Child child({.args = {trigger("fork"), "clone-parent"}});
  const std::uint32_t made = child.number();
  const std::uint32_t maker = child.pid();
  EXPECT_EQ(child.finish(), 0);
  EXPECT_EQ(::waitpid(static_cast<pid_t>(made), nullptr, __WALL), static_cast<pid_t>(made));  // this process's child
  const Record* fork = wait_for(EventType::fork, made);
  ASSERT_NE(fork, nullptr);
  EXPECT_EQ(fork->as<bongsu_fork>().creator_pid, maker);
  EXPECT_EQ(fork->as<bongsu_fork>().creator_start_ns, all(EventType::fork, maker)[0]->task().start_ns);
  EXPECT_EQ(fork->task().parent_pid, static_cast<std::uint32_t>(::getpid()));
  EXPECT_EQ(ticks(fork->task().parent_start_ns), facts_of(static_cast<std::uint32_t>(::getpid())).start_ticks);
}

}  // namespace
}  // namespace bongsu::test
