// SPDX-License-Identifier: Apache-2.0
//
// setns and unshare: which kinds of namespaces, whatever they were named by.
#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "support/kernel/calls.h"

namespace bongsu::test {
namespace {

class NamespaceTest : public CallsTest {
 protected:
  static Fields of(const std::string& types) { return types.empty() ? Fields{} : Fields{{"namespace.types", types}}; }
  static Fields by(std::int64_t fd, const std::string& types) {
    Fields fields = of(types);
    fields.emplace("file.descriptor", std::to_string(fd));
    return fields;
  }
  // Another process with namespaces of its own.
  void make_other() {
    other_ = std::make_unique<Child>(ChildOptions{.args = {trigger("hold")}, .before_exec = [] {
                                                    must(::unshare(CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWCGROUP) == 0,
                                                         "unshare");
                                                  }});
    ASSERT_EQ(other_->line(), "ready");
  }
  [[nodiscard]] std::string of_other(const std::string& name) const {
    return "/proc/" + std::to_string(other_->pid()) + "/ns/" + name;
  }
  [[nodiscard]] std::int64_t other() const { return other_->pid(); }

 private:
  std::unique_ptr<Child> other_;
};
BONGSU_BOTH_TRANSPORTS(NamespaceTest);

TEST_P(NamespaceTest, EnterByAFile) {
  make_other();
  const auto open_file = [](const std::string& path) {
    return call(SYS_openat, {num(AT_FDCWD), text(path), num(O_RDONLY)});
  };
  run({EventType::setns},
      {open_file(of_other("net")), call(SYS_setns, {result_of(0), num(0)}), open_file(of_other("uts")),
       call(SYS_setns, {result_of(2), num(CLONE_NEWUTS)}), call(SYS_setns, {result_of(2), num(CLONE_NEWIPC)}),
       open_file(make_file("no namespace")), call(SYS_setns, {result_of(5), num(0)}),
       call(SYS_setns, {num(-1), num(0)}), open_file(of_other("cgroup")), call(SYS_setns, {result_of(8), num(0)})});
  EXPECT_EQ(told_of(EventType::setns, 1), succeeded("setns", by(result(0), "net")));
  EXPECT_EQ(told_of(EventType::setns, 2), succeeded("setns", by(result(2), "uts")));
  EXPECT_EQ(told_of(EventType::setns, 3), failed("setns", "EINVAL", by(result(2), "ipc")));
  EXPECT_EQ(told_of(EventType::setns, 4), failed("setns", "EINVAL", by(result(5), "")));
  EXPECT_EQ(told_of(EventType::setns, 5), failed("setns", "EBADF", by(-1, "")));
  EXPECT_EQ(told_of(EventType::setns, 6), succeeded("setns", by(result(8), "cgroup")));
  const Record* first = record(EventType::setns);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->task().namespaces[BONGSU_NS_NET], inode_of(of_other("net")));  // it is there already
  EXPECT_NE(first->task().namespaces[BONGSU_NS_UTS], inode_of(of_other("uts")));
  EXPECT_EQ(first->as<bongsu_setns>().pad, 0U);
  const Record* last = record(EventType::setns, 6);
  ASSERT_NE(last, nullptr);
  expect_task(*last, child().pid(), facts_of(child().pid()));
}

TEST_P(NamespaceTest, EnterByAProcess) {
  make_other();
  run({EventType::setns},
      {call(SYS_pidfd_open, {num(other()), num(0)}), call(SYS_setns, {result_of(0), num(CLONE_NEWNET | CLONE_NEWUTS)}),
       call(SYS_setns, {result_of(0), num(0)})});
  if (result(1) < 0) {
    GTEST_SKIP() << "setns takes no pidfd before Linux 5.8";
  }
  EXPECT_EQ(told_of(EventType::setns, 1), succeeded("setns", by(result(0), "net uts")));
  EXPECT_EQ(told_of(EventType::setns, 2), failed("setns", "EINVAL", by(result(0), "")));
}

TEST_P(NamespaceTest, Unshare) {
  constexpr std::int64_t kAll =
      CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWUTS;
  constexpr std::int64_t kUnknown = 0x2;  // no flag of unshare(2)
  run({EventType::unshare},
      {call(SYS_unshare, {num(CLONE_FILES | CLONE_FS)}), call(SYS_unshare, {num(CLONE_NEWUTS | CLONE_FILES)}),
       call(SYS_unshare, {num(kAll)}), call(SYS_unshare, {num(CLONE_NEWUTS | kUnknown)}),
       call(SYS_unshare, {num(CLONE_NEWUSER)})});
  EXPECT_EQ(told_of(EventType::unshare, 1), succeeded("unshare", of("uts")));
  EXPECT_EQ(told_of(EventType::unshare, 2), succeeded("unshare", of("cgroup ipc mnt net pid uts")));
  EXPECT_EQ(told_of(EventType::unshare, 3), failed("unshare", "EINVAL", of("uts")));
  EXPECT_EQ(told_of(EventType::unshare, 4), succeeded("unshare", of("user")));
  const Record* last = record(EventType::unshare, 4);
  ASSERT_NE(last, nullptr);
  const std::string own = "/proc/" + std::to_string(child().pid()) + "/ns/";
  EXPECT_EQ(last->task().namespaces[BONGSU_NS_USER], inode_of(own + "user"));
  EXPECT_EQ(last->task().namespaces[BONGSU_NS_UTS], inode_of(own + "uts"));
  EXPECT_EQ(count(EventType::unshare), 4U);  // not the first: no namespace
}

// The thread that did it is told, and that it alone is there.
TEST_P(NamespaceTest, UnshareInAThread) {
  open({EventType::unshare});
  Child child({.args = {"none"}, .before_exec = [] {
                 std::thread([] { must(::unshare(CLONE_NEWUTS) == 0, "unshare"); }).join();
                 ::_exit(0);
               }});
  const std::uint32_t pid = child.pid();
  EXPECT_EQ(child.finish(), 0);
  const Record* unshare = wait_for(EventType::unshare, pid);
  ASSERT_NE(unshare, nullptr);
  const Record* exit = wait_for(EventType::exit, pid);
  ASSERT_NE(exit, nullptr);
  EXPECT_EQ(told(*unshare), succeeded("unshare", of("uts")));
  EXPECT_NE(unshare->task().tid, pid);
  EXPECT_NE(unshare->task().namespaces[BONGSU_NS_UTS], inode_of("/proc/self/ns/uts"));
}

#if defined(__x86_64__)
TEST_P(NamespaceTest, By32BitCalls) {
  constexpr int kUnshare = 310;
  constexpr int kSetns = 346;
  make_other();
  run({EventType::unshare, EventType::setns},
      {call(SYS_openat, {num(AT_FDCWD), text(of_other("net")), num(O_RDONLY)}), call32(kSetns, {result_of(0), num(0)}),
       call32(kUnshare, {num(CLONE_NEWUTS)})});
  EXPECT_EQ(told_of(EventType::setns), succeeded("setns", by(result(0), "net"), "i386"));
  EXPECT_EQ(told_of(EventType::unshare), succeeded("unshare", of("uts"), "i386"));
}
#endif

}  // namespace
}  // namespace bongsu::test
