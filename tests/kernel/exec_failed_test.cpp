// SPDX-License-Identifier: Apache-2.0
//
// exec_failed: which file was asked for, whatever the reason why it does not run.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "support/kernel/calls.h"

namespace bongsu::test {
namespace {

class ExecFailedTest : public CallsTest {
 protected:
  static Fields of_path(const std::string& path) {
    return {{"file.path", path}, {"file.name", path.substr(path.rfind('/') + 1)}};
  }
  [[nodiscard]] std::string executable_file(std::string_view name, std::string_view content) const {
    const std::string path = make_file(name, content);
    EXPECT_EQ(::chmod(path.c_str(), 0755), 0);
    return path;
  }
};
BONGSU_BOTH_TRANSPORTS(ExecFailedTest);

TEST_P(ExecFailedTest, ByItsPath) {
  const std::string missing = in("missing");
  const std::string plain = make_file("plain");
  const std::string garbage = executable_file("garbage", "no program");
  run({EventType::exec_failed},
      {call(SYS_execve, {text(missing), num(0), num(0)}), call(SYS_execve, {text(plain), num(0), num(0)}),
       call(SYS_execve, {text(garbage), num(0), num(0)}),
       call(SYS_execve, {text(folder() + "/../none/./x"), num(0), num(0)})});
  EXPECT_EQ(told_of(EventType::exec_failed, 1), failed("execve", "ENOENT", untrusted(of_path(missing))));
  EXPECT_EQ(told_of(EventType::exec_failed, 2), failed("execve", "EACCES", untrusted(of_path(plain))));
  EXPECT_EQ(told_of(EventType::exec_failed, 3), failed("execve", "ENOEXEC", untrusted(of_path(garbage))));
  EXPECT_EQ(told_of(EventType::exec_failed, 4),
            failed("execve", "ENOENT", untrusted(of_path(folder() + "/../none/./x"))));
  const Record* first = record(EventType::exec_failed);
  ASSERT_NE(first, nullptr);
  expect_task(*first, child().pid(), facts_of(child().pid()));
  EXPECT_EQ(first->as<bongsu_exec_failed>().pad, 0U);
  EXPECT_EQ(count(EventType::exec_failed), 4U);  // the exec of the trigger itself is none of them
}

TEST_P(ExecFailedTest, RelativeToADirectory) {
  const std::string garbage = executable_file("garbage", "no program");
  run({EventType::exec_failed},
      {call(SYS_openat, {num(AT_FDCWD), text(folder()), num(O_PATH | O_DIRECTORY)}),
       call(SYS_openat, {num(AT_FDCWD), text(garbage), num(O_PATH)}),
       call(SYS_execveat, {result_of(0), text("missing"), num(0), num(0), num(0)}),
       call(SYS_execveat, {num(AT_FDCWD), text("gone"), num(0), num(0), num(0)}),
       call(SYS_execveat, {result_of(1), text(""), num(0), num(0), num(AT_EMPTY_PATH)})},
      [this] { must(::chdir(folder().c_str()) == 0, "chdir"); });
  EXPECT_EQ(told_of(EventType::exec_failed, 1), failed("execveat", "ENOENT", untrusted(of_path(in("missing")))));
  EXPECT_EQ(told_of(EventType::exec_failed, 2), failed("execveat", "ENOENT", untrusted(of_path(in("gone")))));
  // by the descriptor alone: but that the path was empty is what the memory says now
  EXPECT_EQ(told_of(EventType::exec_failed, 3), failed("execveat", "ENOEXEC", untrusted(of_path(garbage))));
}

// Neither a path nor a descriptor that is meant: not the working directory in its place.
TEST_P(ExecFailedTest, WithoutAFile) {
  run({EventType::exec_failed}, {call(SYS_execve, {num(0), num(0), num(0)}), call(SYS_execve, {num(8), num(0), num(0)}),
                                 call(SYS_execve, {text(""), num(0), num(0)}),
                                 call(SYS_execveat, {num(AT_FDCWD), text(""), num(0), num(0), num(0)})});
  EXPECT_EQ(told_of(EventType::exec_failed, 1), failed("execve", "EFAULT", {}));
  EXPECT_EQ(told_of(EventType::exec_failed, 2), failed("execve", "EFAULT", {}));
  EXPECT_EQ(told_of(EventType::exec_failed, 3), failed("execve", "ENOENT", {}));
  EXPECT_EQ(told_of(EventType::exec_failed, 4), failed("execveat", "ENOENT", {}));
  EXPECT_EQ(sensor().counters().faults[BONGSU_EVENT_exec_failed][BONGSU_FAULT_USER], 1U);
}

#if defined(__x86_64__)
TEST_P(ExecFailedTest, ByA32BitCall) {
  constexpr int kExecve = 11;
  constexpr int kExecveat = 358;
  run({EventType::exec_failed}, {call32(kExecve, {text(in("missing")), num(0), num(0)}),
                                 call32(kExecveat, {num(AT_FDCWD), text(in("gone")), num(0), num(0), num(0)})});
  EXPECT_EQ(told_of(EventType::exec_failed, 1), failed("execve", "ENOENT", untrusted(of_path(in("missing"))), "i386"));
  EXPECT_EQ(told_of(EventType::exec_failed, 2), failed("execveat", "ENOENT", untrusted(of_path(in("gone"))), "i386"));
}
#endif

// What runs is told by exec alone.
TEST_P(ExecFailedTest, NotWhatSucceeds) {
  run({EventType::exec_failed}, {call(SYS_getpid, {})});
  EXPECT_NE(wait_for(EventType::exec, child().pid()), nullptr);
  EXPECT_EQ(count(EventType::exec_failed), 0U);
}

}  // namespace
}  // namespace bongsu::test
