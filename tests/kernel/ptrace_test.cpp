// SPDX-License-Identifier: Apache-2.0
//
// ptrace and process_vm: who reached into which process, and how.
#include <fcntl.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

#include "support/kernel/calls.h"

namespace bongsu::test {
namespace {

class ReachTest : public CallsTest {
 protected:
  static constexpr std::int64_t kNobody = 0x7ffffffe;  // above any kernel's pid_max

  void SetUp() override {
    CallsTest::SetUp();
    if (IsSkipped()) return;
    other_ = std::make_unique<Child>(ChildOptions{.args = {trigger("hold")}});
    ASSERT_EQ(other_->line(), "ready");
  }
  [[nodiscard]] std::int64_t other() const { return other_->pid(); }

  // The first mapping of the other process whose line in its maps has the word.
  [[nodiscard]] std::uint64_t address_in_other(const std::string& word) const {
    std::istringstream maps(read_file("/proc/" + std::to_string(other()) + "/maps"));
    std::string line;
    while (std::getline(maps, line)) {
      if (line.find(word) != std::string::npos) {
        return std::stoull(line, nullptr, 16);
      }
    }
    ADD_FAILURE() << "no mapping " << word;
    return 0;
  }

  [[nodiscard]] Fields at_other(Fields fields) const {
    fields.emplace("process.target.pid", std::to_string(other()));
    fields.emplace("process.target.thread.name", "hold");
    return fields;
  }
  [[nodiscard]] Fields asked(std::string_view request) const {
    return at_other({{"process.ptrace.request", std::string(request)}});
  }
  static std::string request(int number) { return num(number); }

 private:
  std::unique_ptr<Child> other_;
};

class PtraceTest : public ReachTest {};
BONGSU_BOTH_TRANSPORTS(PtraceTest);
class ProcessVmTest : public ReachTest {};
BONGSU_BOTH_TRANSPORTS(ProcessVmTest);

TEST_P(PtraceTest, AttachAndChange) {
  run({EventType::ptrace}, {call(SYS_ptrace, {request(PTRACE_ATTACH), num(other()), num(0), num(0)}),
                            call(SYS_wait4, {num(other()), num(0), num(__WALL), num(0)}),
                            call(SYS_ptrace, {request(PTRACE_PEEKTEXT), num(other()), num(8), buffer(8)}),
                            call(SYS_ptrace, {request(PTRACE_POKEDATA), num(other()), num(8), num(0)}),
                            call(SYS_ptrace, {request(PTRACE_SETSIGMASK), num(other()), num(8), buffer(8)}),
                            call(SYS_ptrace, {request(PTRACE_SETOPTIONS), num(other()), num(0), num(0)}),
                            call(SYS_ptrace, {request(PTRACE_SETREGSET), num(other()), num(0x7777), words({0, 0})}),
                            call(SYS_ptrace, {request(PTRACE_DETACH), num(other()), num(0), num(0)})});
  EXPECT_EQ(told_of(EventType::ptrace, 1), succeeded("ptrace", asked("PTRACE_ATTACH")));
  EXPECT_EQ(told_of(EventType::ptrace, 2), failed("ptrace", "EIO", asked("PTRACE_POKEDATA")));
  EXPECT_EQ(told_of(EventType::ptrace, 3), succeeded("ptrace", asked("PTRACE_SETSIGMASK")));
  EXPECT_EQ(told_of(EventType::ptrace, 4), failed("ptrace", "EINVAL", asked("PTRACE_SETREGSET")));
  const Record* first = record(EventType::ptrace);
  ASSERT_NE(first, nullptr);
  expect_task(*first, child().pid(), facts_of(child().pid()));
  const auto& wire = first->as<bongsu_ptrace>();
  EXPECT_EQ(ticks(wire.target.start_ns), facts_of(static_cast<std::uint32_t>(other())).start_ticks);
  EXPECT_EQ(wire.pad, 0U);
  EXPECT_EQ(count(EventType::ptrace), 4U);  // what only reads or lets go is not told
}

TEST_P(PtraceTest, OtherWaysIn) {
  run({EventType::ptrace}, {call(SYS_ptrace, {request(PTRACE_SEIZE), num(other()), num(0), num(0)}),
                            call(SYS_ptrace, {request(PTRACE_ATTACH), num(kNobody), num(0), num(0)}),
                            call(SYS_ptrace, {request(PTRACE_TRACEME), num(0), num(0), num(0)}),
                            call(SYS_ptrace, {request(PTRACE_TRACEME), num(0), num(0), num(0)})});
  EXPECT_EQ(told_of(EventType::ptrace, 1), succeeded("ptrace", asked("PTRACE_SEIZE")));
  EXPECT_EQ(told_of(EventType::ptrace, 2), failed("ptrace", "ESRCH", {{"process.ptrace.request", "PTRACE_ATTACH"}}));
  const Fields itself = {{"process.ptrace.request", "PTRACE_TRACEME"},
                         {"process.target.pid", std::to_string(child().pid())},
                         {"process.target.thread.name", "calls"}};
  EXPECT_EQ(told_of(EventType::ptrace, 3), succeeded("ptrace", itself));
  EXPECT_EQ(told_of(EventType::ptrace, 4), failed("ptrace", "EPERM", itself));
  EXPECT_EQ(child().finish(), 0);  // the other one cannot be waited for while it is traced
}

#if defined(__x86_64__)
TEST_P(PtraceTest, ByA32BitCall) {
  constexpr int kPtrace = 26;
  run({EventType::ptrace}, {call32(kPtrace, {request(PTRACE_ATTACH), num(other()), num(0), num(0)})});
  EXPECT_EQ(told_of(EventType::ptrace), succeeded("ptrace", asked("PTRACE_ATTACH"), "i386"));
  EXPECT_EQ(child().finish(), 0);
}
#endif

TEST_P(ProcessVmTest, ReadAndWrite) {
  const std::uint64_t code = address_in_other("hold");
  const std::uint64_t stack = address_in_other("[stack]");
  run({EventType::process_vm},
      {call(SYS_process_vm_readv, {num(other()), vector_of(16), num(1), words({code, 16}), num(1), num(0)}),
       call(SYS_process_vm_writev, {num(other()), vector_of(8), num(1), words({stack, 8}), num(1), num(0)}),
       call(SYS_process_vm_readv, {num(other()), vector_of(16), num(1), words({8, 16}), num(1), num(0)}),
       call(SYS_process_vm_writev, {num(kNobody), vector_of(16), num(1), words({code, 16}), num(1), num(0)})});
  EXPECT_EQ(told_of(EventType::process_vm, 1),
            succeeded("process_vm_readv", at_other({{"process.memory_access", "read"}, {"io.bytes", "16"}})));
  EXPECT_EQ(told_of(EventType::process_vm, 2),
            succeeded("process_vm_writev", at_other({{"process.memory_access", "write"}, {"io.bytes", "8"}})));
  EXPECT_EQ(told_of(EventType::process_vm, 3),
            failed("process_vm_readv", "EFAULT", at_other({{"process.memory_access", "read"}, {"io.bytes", "0"}})));
  EXPECT_EQ(told_of(EventType::process_vm, 4),
            failed("process_vm_writev", "ESRCH", {{"process.memory_access", "write"}, {"io.bytes", "0"}}));
  const Record* first = record(EventType::process_vm);
  ASSERT_NE(first, nullptr);
  const auto& wire = first->as<bongsu_process_vm>();
  EXPECT_EQ(ticks(wire.target.start_ns), facts_of(static_cast<std::uint32_t>(other())).start_ticks);
  EXPECT_EQ(wire.pad, 0U);
}

#if defined(__x86_64__)
TEST_P(ProcessVmTest, By32BitCalls) {
  constexpr int kReadv = 347;
  constexpr int kWritev = 348;
  constexpr std::uint64_t kBytes = 16;
  const std::uint64_t code = address_in_other("hold");  // below 4 GiB: the trigger is static
  // struct compat_iovec: base and length in 32 bits each
  run({EventType::process_vm},
      {call32(kReadv, {num(other()), vector_of(kBytes), num(1), words({code | kBytes << 32}), num(1), num(0)}),
       call32(kWritev, {num(kNobody), vector_of(kBytes), num(1), words({code | kBytes << 32}), num(1), num(0)})});
  // flags, the sixth argument, is what rbp holds: the kernel may refuse it
  const Fields read = at_other({{"process.memory_access", "read"}});
  Fields first = told_of(EventType::process_vm, 1);
  first.erase("io.bytes");
  if (result(0) == static_cast<std::int64_t>(kBytes)) {
    EXPECT_EQ(first, succeeded("process_vm_readv", read, "i386"));
  } else {
    EXPECT_EQ(first, failed("process_vm_readv", "EINVAL", read, "i386"));
  }
  Fields second = told_of(EventType::process_vm, 2);
  EXPECT_EQ(second["syscall.abi"], "i386");
  EXPECT_EQ(second["process.memory_access"], "write");
  EXPECT_FALSE(second.contains("process.target.pid"));
}
#endif

TEST_P(ProcessVmTest, OfItself) {
  run({EventType::process_vm}, {call(SYS_getpid, {}), call(SYS_process_vm_readv, {result_of(0), vector_of(8), num(1),
                                                                                  words({8, 8}), num(1), num(0)})});
  EXPECT_EQ(told_of(EventType::process_vm), failed("process_vm_readv", "EFAULT",
                                                   {{"process.memory_access", "read"},
                                                    {"io.bytes", "0"},
                                                    {"process.target.pid", std::to_string(child().pid())},
                                                    {"process.target.thread.name", "calls"}}));
}

// A number is the caller's: what it calls 1 is not the host's first process.
TEST_P(PtraceTest, InAPidNamespace) {
  open({EventType::ptrace});
  Child outside({.args = {"none"}, .before_exec = [] {
                   must(::unshare(CLONE_NEWPID) == 0, "unshare");
                   const pid_t first = ::fork();
                   if (first == 0) {
                     const pid_t second = ::fork();
                     if (second == 0) {
                       must(::ptrace(PTRACE_SEIZE, 1, 0, 0) == 0, "seize");
                       ::_exit(0);
                     }
                     ::waitpid(second, nullptr, 0);
                     ::_exit(0);
                   }
                   ::waitpid(first, nullptr, 0);
                   ::_exit(0);
                 }});
  const std::uint32_t pid = outside.pid();
  EXPECT_EQ(outside.finish(), 0);
  const Record* found = nullptr;
  EXPECT_TRUE(poll_until([&] {
    for (const KeptRecord& kept : records()) {
      if (kept.record().type() == EventType::ptrace) {
        found = &kept.record();
      }
    }
    return found != nullptr;
  }));
  ASSERT_NE(found, nullptr);
  const auto& wire = found->as<bongsu_ptrace>();
  EXPECT_EQ(wire.target.pid, found->task().parent_pid);
  EXPECT_EQ(wire.target.start_ns, found->task().parent_start_ns);
  EXPECT_NE(wire.target.pid, 1U);
  EXPECT_EQ(all(EventType::fork, wire.target.pid).size(), 1U);
  EXPECT_EQ(all(EventType::fork, wire.target.pid)[0]->as<bongsu_fork>().creator_pid, pid);
}

}  // namespace
}  // namespace bongsu::test
