// SPDX-License-Identifier: Apache-2.0
//
// signal: what a process sends, by whatever way, and nothing that the kernel sends of itself.
#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>

#include "support/kernel/calls.h"
#include "support/kernel/cgroup.h"

namespace bongsu::test {
namespace {

class SignalTest : public CallsTest {
 protected:
  void SetUp() override {
    CallsTest::SetUp();
    if (IsSkipped()) return;
    other_ = std::make_unique<Child>(ChildOptions{.args = {trigger("hold")}});
    ASSERT_EQ(other_->line(), "ready");
  }
  [[nodiscard]] std::int64_t other() const { return other_->pid(); }

  static Fields sent(std::string_view signal, std::int64_t target, std::string_view comm = "hold") {
    return {{"process.signal", std::string(signal)},
            {"process.target.pid", std::to_string(target)},
            {"process.target.thread.name", std::string(comm)}};
  }
  // siginfo_t of include/uapi/asm-generic/siginfo.h: si_signo, si_errno, si_code
  static std::string information(int signal, int code) {
    std::vector<std::uint64_t> words16(16);
    words16[0] = static_cast<std::uint32_t>(signal);
    words16[1] = static_cast<std::uint32_t>(code);
    return words(words16);
  }

 private:
  std::unique_ptr<Child> other_;
};
BONGSU_BOTH_TRANSPORTS(SignalTest);

TEST_P(SignalTest, ByEachCall) {
  const std::uint64_t start_ticks = facts_of(static_cast<std::uint32_t>(other())).start_ticks;
  run({EventType::signal},
      {call(SYS_kill, {num(other()), num(SIGWINCH)}), call(SYS_tkill, {num(other()), num(SIGURG)}),
       call(SYS_tgkill, {num(other()), num(other()), num(SIGCONT)}),
       call(SYS_rt_sigqueueinfo, {num(other()), num(SIGCHLD), information(SIGCHLD, SI_QUEUE)}),
       call(SYS_rt_tgsigqueueinfo, {num(other()), num(other()), num(SIGWINCH), information(SIGWINCH, SI_QUEUE)}),
       call(SYS_pidfd_open, {num(other()), num(0)}),
       call(SYS_pidfd_send_signal, {result_of(5), num(SIGURG), num(0), num(0)}), call(SYS_kill, {num(other()), num(0)}),
       call(SYS_kill, {num(other()), num(SIGRTMIN)})});
  EXPECT_EQ(told_of(EventType::signal, 1), sent("SIGWINCH", other()));
  EXPECT_EQ(told_of(EventType::signal, 2), sent("SIGURG", other()));
  EXPECT_EQ(told_of(EventType::signal, 3), sent("SIGCONT", other()));
  EXPECT_EQ(told_of(EventType::signal, 4), sent("SIGCHLD", other()));
  EXPECT_EQ(told_of(EventType::signal, 5), sent("SIGWINCH", other()));
  EXPECT_EQ(told_of(EventType::signal, 6), sent("SIGURG", other()));
  EXPECT_EQ(told_of(EventType::signal, 7), sent("SIG" + std::to_string(SIGRTMIN), other()));  // signal 0 sends none
  const Record* first = record(EventType::signal);
  ASSERT_NE(first, nullptr);
  expect_task(*first, child().pid(), facts_of(child().pid()));
  const auto& wire = first->as<bongsu_signal>();
  EXPECT_EQ(ticks(wire.target.start_ns), start_ticks);
  EXPECT_EQ(wire.target.pad, 0U);
  EXPECT_EQ(wire.pad, 0U);
  EXPECT_EQ(wire.signal, std::uint32_t{SIGWINCH});
  EXPECT_EQ(count(EventType::signal), 7U);
}

TEST_P(SignalTest, ToItself) {
  run({EventType::signal}, {call(SYS_getpid, {}), call(SYS_kill, {result_of(0), num(SIGWINCH)})});
  EXPECT_EQ(told_of(EventType::signal), sent("SIGWINCH", child().pid(), "calls"));
}

#if defined(__x86_64__)
TEST_P(SignalTest, ByA32BitCall) {
  constexpr int kKill = 37;
  run({EventType::signal}, {call32(kKill, {num(other()), num(SIGWINCH)})});
  EXPECT_EQ(told_of(EventType::signal), sent("SIGWINCH", other()));
}
#endif

// A sender who names a timer as the origin does not hide by that.
TEST_P(SignalTest, UnderAnotherName) {
  run({EventType::signal}, {call(SYS_rt_sigqueueinfo, {num(other()), num(SIGWINCH), information(SIGWINCH, SI_TIMER)}),
                            call(SYS_rt_sigqueueinfo, {num(other()), num(SIGURG), information(SIGURG, SI_ASYNCIO)})});
  ASSERT_EQ(result(0), 0);
  EXPECT_EQ(told_of(EventType::signal, 1), sent("SIGWINCH", other()));
  EXPECT_EQ(told_of(EventType::signal, 2), sent("SIGURG", other()));
}

TEST_P(SignalTest, NotTheKernelsOwn) {
  constexpr int kBrokenPipe = 100;
  constexpr std::uint64_t kBlocked = 1ULL << (SIGPIPE - 1) | 1ULL << (SIGALRM - 1);
  // struct itimerspec: no interval, 1 ns from now
  run({EventType::signal},
      {call(SYS_rt_sigprocmask, {num(SIG_BLOCK), words({kBlocked}), num(0), num(8)}),
       call(SYS_write, {num(kBrokenPipe), text("x"), num(1)}),
       call(SYS_timer_create, {num(CLOCK_MONOTONIC), num(0), buffer(8)}),
       call(SYS_timer_settime, {num(0), num(0), words({0, 0, 0, 1}), num(0)}),
       call(SYS_rt_sigtimedwait, {words({1ULL << (SIGALRM - 1)}), num(0), words({5, 0}), num(8)}),
       call(SYS_rt_sigtimedwait, {words({1ULL << (SIGPIPE - 1)}), num(0), words({5, 0}), num(8)})},
      [] {
        std::array<int, 2> ends{};
        must(::pipe(ends.data()) == 0 && ::dup2(ends[1], kBrokenPipe) >= 0, "pipe");
        ::close(ends[0]);
        ::close(ends[1]);
      });
  EXPECT_EQ(result(1), -EPIPE);
  EXPECT_EQ(result(4), SIGALRM);  // so they were sent
  EXPECT_EQ(result(5), SIGPIPE);
  EXPECT_EQ(count(EventType::signal), 0U);
}

TEST_P(SignalTest, ThroughACgroup) {
  const CgroupTree tree = CgroupTree::v2();
  const std::string file = tree.directory(tree.inner()) + "/cgroup.kill";
  if (!tree.valid() || ::access(file.c_str(), W_OK) != 0) {
    GTEST_SKIP() << "no cgroup.kill (before Linux 5.14, or no version 2 hierarchy)";
  }
  Child victim({.args = {trigger("hold")}, .before_exec = [&] { must(tree.enter(), "enter"); }});
  ASSERT_EQ(victim.line(), "ready");
  run({EventType::signal}, {call(SYS_openat, {num(AT_FDCWD), text(file), num(O_WRONLY)}),
                            call(SYS_write, {result_of(0), text("1"), num(1)})});
  EXPECT_EQ(told_of(EventType::signal), sent("SIGKILL", victim.pid()));
  EXPECT_EQ(victim.finish(), SIGKILL);
}

// Numbers are the host's, whatever the sender calls them.
TEST_P(SignalTest, InAPidNamespace) {
  open({EventType::signal});
  Child outside({.args = {"none"}, .before_exec = [] {
                   must(::unshare(CLONE_NEWPID) == 0, "unshare");
                   const pid_t first = ::fork();
                   if (first == 0) {
                     const pid_t second = ::fork();
                     if (second == 0) {
                       for (;;) ::pause();
                     }
                     must(second == 2 && ::kill(2, SIGKILL) == 0, "kill");
                     ::waitpid(second, nullptr, 0);
                     ::_exit(0);
                   }
                   int status = -1;
                   must(::waitpid(first, &status, 0) == first && status == 0, "wait");
                   ::_exit(0);
                 }});
  const std::uint32_t pid = outside.pid();
  EXPECT_EQ(outside.finish(), 0);
  const auto child_of = [&](std::uint32_t creator) {
    std::uint32_t found = 0;
    EXPECT_TRUE(poll_until([&] {
      for (const KeptRecord& kept : records()) {
        const Record& record = kept.record();
        if (record.type() == EventType::fork && record.as<bongsu_fork>().creator_pid == creator) {
          found = record.task().pid;
        }
      }
      return found != 0;
    }));
    return found;
  };
  const std::uint32_t first = child_of(pid);
  const std::uint32_t second = child_of(first);
  const Record* signal = wait_for(EventType::signal, first);
  ASSERT_NE(signal, nullptr);
  EXPECT_NE(second, 2U);
  EXPECT_EQ(told(*signal), sent("SIGKILL", second, comm_of(*signal)));
}

}  // namespace
}  // namespace bongsu::test
