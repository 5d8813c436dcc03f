// SPDX-License-Identifier: Apache-2.0
//
// The task block that every record carries: users, capabilities, terminal, namespaces, directories, cgroups.
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "support/kernel/cgroup.h"
#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"

namespace bongsu::test {
namespace {

class TaskTest : public KernelTest {
 protected:
  // The exec of `hold` in a child that was prepared so.
  const Record* exec_after(const std::function<void()>& prepare, bool terminal = false) {
    open();
    child_ =
        std::make_unique<Child>(ChildOptions{.args = {trigger("hold")}, .before_exec = prepare, .terminal = terminal});
    EXPECT_EQ(child_->line(), "ready");
    const Record* exec = wait_for(EventType::exec, child_->pid());
    if (exec != nullptr) {
      expect_task(*exec, child_->pid(), facts_of(child_->pid()));
    }
    EXPECT_EQ(child_->finish(), 0);
    return exec;
  }
  static std::string_view directory_of(const Record& record) { return record.string(record.task().working_directory); }

  std::unique_ptr<Child> child_;
};
BONGSU_BOTH_TRANSPORTS(TaskTest);

TEST_P(TaskTest, RealAndEffectiveUserAndGroup) {
  const Record* exec = exec_after([] {
    must(::setresgid(1001, 1002, 1003) == 0, "setresgid");
    must(::setresuid(2001, 2002, 2003) == 0, "setresuid");
  });
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(exec->task().uid, 2001U);
  EXPECT_EQ(exec->task().euid, 2002U);
  EXPECT_EQ(exec->task().gid, 1001U);
  EXPECT_EQ(exec->task().egid, 1002U);
  EXPECT_EQ(exec->task().cap_effective, 0U);  // root's went with the user
}

TEST_P(TaskTest, CapabilitiesThatAreLeft) {
  constexpr std::uint64_t kLeft = 1ULL << CAP_NET_RAW | 1ULL << CAP_CHECKPOINT_RESTORE;  // of both halves
  const Record* exec = exec_after([] {
    // What root executes has all of the bounding set: that is what must go.
    for (unsigned long cap = 0; cap <= CAP_LAST_CAP; ++cap) {
      if ((kLeft >> cap & 1) == 0) {
        must(::syscall(SYS_prctl, 24 /* PR_CAPBSET_DROP */, cap, 0, 0, 0) == 0, "PR_CAPBSET_DROP");
      }
    }
  });
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(exec->task().cap_effective, kLeft);
}

TEST_P(TaskTest, Terminal) {
  const Record* exec = exec_after(nullptr, true);
  ASSERT_NE(exec, nullptr);
  struct stat terminal{};
  ASSERT_EQ(::stat(child_->terminal().c_str(), &terminal), 0);
  EXPECT_EQ(exec->task().tty_major, major(terminal.st_rdev));
  EXPECT_EQ(exec->task().tty_minor, minor(terminal.st_rdev));
  EXPECT_NE(exec->task().tty_major, 0);
}

TEST_P(TaskTest, NoTerminal) {
  const Record* exec = exec_after([] { must(::setsid() > 0, "setsid"); });
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(exec->task().tty_major, 0);
  EXPECT_EQ(exec->task().tty_minor, 0);
}

TEST_P(TaskTest, NamespacesOfItsOwn) {
  const Record* exec = exec_after([] {
    must(::unshare(CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS) == 0, "unshare");
  });
  ASSERT_NE(exec, nullptr);
  const ProcFacts own = facts_of(static_cast<std::uint32_t>(::getpid()));
  for (const int changed : {BONGSU_NS_CGROUP, BONGSU_NS_IPC, BONGSU_NS_MNT, BONGSU_NS_NET, BONGSU_NS_UTS}) {
    EXPECT_NE(exec->task().namespaces[changed], own.namespaces[static_cast<std::size_t>(changed)]) << changed;
  }
  for (const int same : {BONGSU_NS_PID, BONGSU_NS_TIME, BONGSU_NS_USER}) {
    EXPECT_EQ(exec->task().namespaces[same], own.namespaces[static_cast<std::size_t>(same)]) << same;
  }
}

// Ids stay those of the initial namespaces: in a user namespace without a mapping /proc agrees, seen from outside.
TEST_P(TaskTest, UserNamespaceOfItsOwn) {
  const Record* exec = exec_after([] {
    must(::setresgid(3001, 3001, 3001) == 0 && ::setresuid(3002, 3002, 3002) == 0, "setresuid");
    must(::unshare(CLONE_NEWUSER) == 0, "unshare");
  });
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(exec->task().euid, 3002U);
  EXPECT_EQ(exec->task().egid, 3001U);
  EXPECT_NE(exec->task().namespaces[BONGSU_NS_USER],
            facts_of(static_cast<std::uint32_t>(::getpid())).namespaces[BONGSU_NS_USER]);
}

// unshare(2) puts the children of the one that calls it there, not itself.
TEST_P(TaskTest, PidAndTimeNamespaceOfItsOwn) {
  open();
  Child child({.args = {trigger("exec"), "vfork", trigger("hold"), "hold"},
               .before_exec = [] { must(::unshare(CLONE_NEWPID | CLONE_NEWTIME) == 0, "unshare"); }});
  // The exec lets the parent go on: either may speak first.
  std::array lines = {child.line(), child.line()};
  std::sort(lines.begin(), lines.end());
  ASSERT_EQ(lines[1], "ready");
  const auto inner_pid = static_cast<std::uint32_t>(std::stoul(lines[0]));  // as its parent sees it, on the host
  const Record* exec = wait_for(EventType::exec, inner_pid);
  ASSERT_NE(exec, nullptr);
  const ProcFacts facts = facts_of(inner_pid);
  expect_task(*exec, inner_pid, facts);
  const ProcFacts own = facts_of(static_cast<std::uint32_t>(::getpid()));
  EXPECT_NE(exec->task().namespaces[BONGSU_NS_PID], own.namespaces[BONGSU_NS_PID]);
  EXPECT_EQ(exec->task().parent_pid, child.pid());
}

TEST_P(TaskTest, DeepWorkingDirectory) {
  const TemporaryDirectory directory;
  std::string deep = directory.path();
  for (int i = 0; i < 60; ++i) {
    deep += "/directory-" + std::to_string(i);
  }
  std::filesystem::create_directories(deep);
  const Record* exec = exec_after([&] { must(::chdir(deep.c_str()) == 0, "chdir"); });
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(directory_of(*exec), deep);
}

TEST_P(TaskTest, WorkingDirectoryInAnyScript) {
  const TemporaryDirectory directory;
  const std::string name = directory.path() + "/\xeb\xb4\x89\xec\x88\x98 \xf0\x9f\x94\xa5\xff\nx";
  std::filesystem::create_directory(name);
  const Record* exec = exec_after([&] { must(::chdir(name.c_str()) == 0, "chdir"); });
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(directory_of(*exec), name);
}

TEST_P(TaskTest, LongestNameAsWorkingDirectory) {
  const TemporaryDirectory directory;
  const std::string name = directory.path() + "/" + std::string(255, 'n') + "/" + std::string(254, 'm');
  std::filesystem::create_directories(name);
  const Record* exec = exec_after([&] { must(::chdir(name.c_str()) == 0, "chdir"); });
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(directory_of(*exec), name);
}

TEST_P(TaskTest, RootAsWorkingDirectory) {
  const Record* exec = exec_after([] { must(::chdir("/") == 0, "chdir"); });
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(directory_of(*exec), "/");
}

// Of the v1 hierarchies, the first of memory, pids and cpu in which the task is not at the root.
TEST_P(TaskTest, Cgroups) {
  const CgroupTree v2 = CgroupTree::v2();
  const CgroupTree pids = CgroupTree::v1("pids");
  const CgroupTree memory = CgroupTree::v1("memory");
  const Record* exec = exec_after([&] {
    must(memory.valid() ? memory.enter_root() : true, "enter the root of memory");
    must(v2.valid() ? v2.enter() : true, "enter v2");
    must(pids.valid() ? pids.enter() : true, "enter pids");
  });
  ASSERT_NE(exec, nullptr);
  ASSERT_TRUE(v2.valid() || pids.valid());
  if (v2.valid()) {
    EXPECT_EQ(exec->task().cgroup_id, v2.id());
  }
  if (pids.valid()) {
    EXPECT_EQ(exec->task().cgroup_v1_id, pids.id());
    EXPECT_EQ(exec->task().cgroup_v1_hierarchy, pids.hierarchy());
  }
}

TEST_P(TaskTest, CgroupOfTheMemoryControllerComesFirst) {
  const CgroupTree pids = CgroupTree::v1("pids");
  const CgroupTree memory = CgroupTree::v1("memory");
  if (!pids.valid() || !memory.valid()) {
    GTEST_SKIP() << "no v1 hierarchies of memory and pids here";
  }
  const Record* exec = exec_after([&] {
    must(memory.enter(), "enter memory");
    must(pids.enter(), "enter pids");
  });
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(exec->task().cgroup_v1_id, memory.id());
  EXPECT_EQ(exec->task().cgroup_v1_hierarchy, memory.hierarchy());
}

}  // namespace
}  // namespace bongsu::test
