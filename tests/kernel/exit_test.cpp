// SPDX-License-Identifier: Apache-2.0
//
// exit: once per process, whichever thread ends it and however.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"

namespace bongsu::test {
namespace {

class ExitTest : public KernelTest {
 protected:
  // Runs `exit HOW NUMBER`; its exit record, which says what waitpid(2) said.
  const bongsu_exit* exit_of(const std::string& how, const std::string& number, int expected_status) {
    open();
    Child child({.args = {trigger("exit"), how, number}});
    pid_ = child.pid();
    before_ns_ = child.before_ns();
    const int status = child.finish();
    after_ns_ = boot_ns();
    EXPECT_EQ(status, expected_status);
    record_ = wait_for(EventType::exit, pid_);
    return record_ == nullptr ? nullptr : &record_->as<bongsu_exit>();
  }

  // Nothing of the process comes after: a process that ends later is told later.
  void expect_once() {
    Child later({.args = {trigger("exit"), "code", "0"}});
    const std::uint32_t pid = later.pid();
    later.finish();
    ASSERT_NE(wait_for(EventType::exit, pid), nullptr);
    EXPECT_EQ(all(EventType::exit, pid_).size(), 1U);
  }

  const Record* record_ = nullptr;
  std::uint32_t pid_ = 0;
  std::uint64_t before_ns_ = 0;
  std::uint64_t after_ns_ = 0;
};
BONGSU_BOTH_TRANSPORTS(ExitTest);

constexpr int exited(int code) { return code << 8; }  // the status of wait(2)

TEST_P(ExitTest, TellsTheWholeProcess) {
  open();
  Child child({.args = {trigger("hold")}});
  ASSERT_EQ(child.line(), "ready");
  const std::uint32_t pid = child.pid();
  const ProcFacts facts = facts_of(pid);
  const std::uint64_t before_end_ns = boot_ns();
  EXPECT_EQ(child.finish(), 0);
  const std::uint64_t after_ns = boot_ns();
  const Record* exit = wait_for(EventType::exit, pid);
  const Record* fork = wait_for(EventType::fork, pid);
  ASSERT_NE(exit, nullptr);
  ASSERT_NE(fork, nullptr);
  expect_task(*exit, pid, facts);
  EXPECT_EQ(exit->header().flags, 0);
  EXPECT_GE(exit->header().time_ns, before_end_ns);
  EXPECT_LE(exit->header().time_ns, after_ns);
  EXPECT_EQ(exit->task().start_ns, fork->task().start_ns);
  EXPECT_EQ(exit->task().parent_start_ns, fork->task().parent_start_ns);
  EXPECT_EQ(exit->as<bongsu_exit>().duration_ns, exit->header().time_ns - fork->task().start_ns);
  EXPECT_EQ(exit->as<bongsu_exit>().exit_code, 0);
  EXPECT_EQ(exit->as<bongsu_exit>().signal, 0U);
}

TEST_P(ExitTest, CodeSeven) {
  const bongsu_exit* exit = exit_of("code", "7", exited(7));
  ASSERT_NE(exit, nullptr);
  EXPECT_EQ(exit->exit_code, 7);
  EXPECT_EQ(exit->signal, 0U);
  EXPECT_LE(exit->duration_ns, after_ns_ - before_ns_);
  EXPECT_GT(exit->duration_ns, 0U);
  expect_once();
}

TEST_P(ExitTest, CodeTwoHundredFiftyFive) {
  const bongsu_exit* exit = exit_of("code", "255", exited(255));
  ASSERT_NE(exit, nullptr);
  EXPECT_EQ(exit->exit_code, 255);
  EXPECT_EQ(exit->signal, 0U);
}

TEST_P(ExitTest, KilledBySigkill) {
  const bongsu_exit* exit = exit_of("signal", std::to_string(SIGKILL), SIGKILL);
  ASSERT_NE(exit, nullptr);
  EXPECT_EQ(exit->exit_code, 128 + SIGKILL);
  EXPECT_EQ(exit->signal, std::uint32_t{SIGKILL});
  expect_once();
}

TEST_P(ExitTest, EndedBySigterm) {
  const bongsu_exit* exit = exit_of("signal", std::to_string(SIGTERM), SIGTERM);
  ASSERT_NE(exit, nullptr);
  EXPECT_EQ(exit->exit_code, 128 + SIGTERM);
  EXPECT_EQ(exit->signal, std::uint32_t{SIGTERM});
}

TEST_P(ExitTest, EndedByARealTimeSignal) {
  const bongsu_exit* exit = exit_of("signal", "64", 64);
  ASSERT_NE(exit, nullptr);
  EXPECT_EQ(exit->exit_code, 128 + 64);
  EXPECT_EQ(exit->signal, 64U);
}

TEST_P(ExitTest, EndedByAFault) {
  open();
  Child child({.args = {trigger("exit"), "segv"}});
  const std::uint32_t pid = child.pid();
  EXPECT_EQ(WTERMSIG(child.finish()), SIGSEGV);
  const Record* exit = wait_for(EventType::exit, pid);
  ASSERT_NE(exit, nullptr);
  EXPECT_EQ(exit->as<bongsu_exit>().exit_code, 128 + SIGSEGV);
  EXPECT_EQ(exit->as<bongsu_exit>().signal, std::uint32_t{SIGSEGV});  // the core-dump bit is not part of it
}

TEST_P(ExitTest, OfTheWholeGroupFromAThread) {
  const bongsu_exit* exit = exit_of("thread", "9", exited(9));
  ASSERT_NE(exit, nullptr);
  EXPECT_EQ(exit->exit_code, 9);
  EXPECT_EQ(exit->signal, 0U);
  EXPECT_EQ(record_->task().pid, pid_);
  EXPECT_EQ(comm_of(*record_), "exit");
}

TEST_P(ExitTest, IsToldWithTheLastThreadNotWithTheFirst) {
  open();
  Child child({.args = {trigger("exit"), "leader-first", "11"}});
  pid_ = child.pid();
  const int status = child.finish();
  const Record* exit = wait_for(EventType::exit, pid_);
  ASSERT_NE(exit, nullptr);
  EXPECT_EQ(exit->as<bongsu_exit>().exit_code, WEXITSTATUS(status));
  EXPECT_EQ(exit->as<bongsu_exit>().signal, 0U);
  EXPECT_NE(exit->task().tid, pid_);  // it was the other thread
  const Record* fork = wait_for(EventType::fork, pid_);
  ASSERT_NE(fork, nullptr);
  EXPECT_EQ(exit->task().start_ns, fork->task().start_ns);  // of the process, not of that thread
  expect_once();
}

}  // namespace
}  // namespace bongsu::test
