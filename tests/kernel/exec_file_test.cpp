// SPDX-License-Identifier: Apache-2.0
//
// exec: what is told of the file where mounts, roots and depth play a part.
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"

namespace bongsu::test {
namespace {

class ExecFileTest : public KernelTest {
 protected:
  const Record* exec_of(const ChildOptions& options) {
    child_ = std::make_unique<Child>(options);
    EXPECT_EQ(child_->line(), "ready");
    return wait_for(EventType::exec, child_->pid());
  }

  // In the child: mounts of its own, and a tmpfs at the directory.
  void private_tmpfs() const {
    must(::unshare(CLONE_NEWNS) == 0, "unshare");
    must(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "make mounts private");
    must(::mount("none", directory_.path().c_str(), "tmpfs", 0, nullptr) == 0, "mount a tmpfs");
  }

  void overlay() const {
    private_tmpfs();
    const std::string& base = directory_.path();
    for (const char* name : {"/lower", "/upper", "/work", "/merged"}) {
      std::filesystem::create_directory(base + name);
    }
    std::filesystem::copy_file(trigger("hold"), base + "/lower/hold");
    const std::string options = "lowerdir=" + base + "/lower,upperdir=" + base + "/upper,workdir=" + base + "/work";
    must(::mount("none", merged().c_str(), "overlay", 0, options.c_str()) == 0, "mount an overlay");
  }
  [[nodiscard]] std::string merged() const { return directory_.path() + "/merged"; }

  void expect_upper(const std::function<void()>& prepare, const std::string& name, std::uint32_t flags) {
    open();
    const Record* exec = exec_of({.args = {merged() + name}, .before_exec = prepare});
    ASSERT_NE(exec, nullptr);
    EXPECT_EQ(executable_of(*exec), merged() + name);
    EXPECT_EQ(exec->as<bongsu_exec>().flags, flags);
    EXPECT_EQ(file_id(*exec), file_id("/proc/" + std::to_string(child_->pid()) + "/exe"));
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Child> child_;
};
BONGSU_BOTH_TRANSPORTS(ExecFileTest);

TEST_P(ExecFileTest, OfTheOverlaysLowerLayer) {
  expect_upper([this] { overlay(); }, "/hold", 0);
}

TEST_P(ExecFileTest, CopiedUpIntoTheUpperLayer) {
  expect_upper(
      [this] {
        overlay();
        std::filesystem::permissions(merged() + "/hold", std::filesystem::perms(0700));
      },
      "/hold", BONGSU_EXEC_UPPER_LAYER);
}

TEST_P(ExecFileTest, NewInTheUpperLayer) {
  expect_upper(
      [this] {
        overlay();
        std::filesystem::copy_file(trigger("hold"), merged() + "/new");
      },
      "/new", BONGSU_EXEC_UPPER_LAYER);
}

TEST_P(ExecFileTest, AfterChrootIsSeenFromTheMountNamespace) {
  open();
  const std::string file = directory_.copy_trigger("hold", "inside");
  const Record* exec = exec_of({.args = {"/inside"}, .before_exec = [this] {
                                  must(::chroot(directory_.path().c_str()) == 0 && ::chdir("/") == 0, "chroot");
                                }});
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(executable_of(*exec), file);
  EXPECT_EQ(requested_of(*exec), "/inside");
  EXPECT_EQ(exec->string(exec->task().working_directory), directory_.path());
  EXPECT_EQ(exec->as<bongsu_exec>().flags, 0U);
}

// As a container's runtime does it: the namespace's root is the container's.
TEST_P(ExecFileTest, AfterPivotRootIsSeenFromTheNewRoot) {
  open();
  const Record* exec =
      exec_of({.args = {"/bin/inside"}, .before_exec = [this] {
                 private_tmpfs();
                 const std::string& root = directory_.path();
                 std::filesystem::create_directories(root + "/bin");
                 std::filesystem::create_directories(root + "/old");
                 std::filesystem::copy_file(trigger("hold"), root + "/bin/inside");
                 must(::syscall(SYS_pivot_root, root.c_str(), (root + "/old").c_str()) == 0, "pivot_root");
                 must(::chdir("/bin") == 0 && ::umount2("/old", MNT_DETACH) == 0, "leave the old root");
               }});
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(executable_of(*exec), "/bin/inside");
  EXPECT_EQ(exec->string(exec->task().working_directory), "/bin");
}

TEST_P(ExecFileTest, ThroughABindMountIsWhereItIsMounted) {
  open();
  const std::string at = directory_.path() + "/mounted";
  std::filesystem::create_directory(at);
  const std::string from = std::filesystem::path(trigger("hold")).parent_path();
  const Record* exec =
      exec_of({.args = {at + "/hold"}, .before_exec = [&] {
                 must(::unshare(CLONE_NEWNS) == 0, "unshare");
                 must(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "make mounts private");
                 must(::mount(from.c_str(), at.c_str(), nullptr, MS_BIND, nullptr) == 0, "bind");
               }});
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(executable_of(*exec), at + "/hold");
  EXPECT_EQ(file_id(*exec), file_id(trigger("hold")));
}

// The walk has a bound: what is nearest to the file is kept, the loss of the front is told and counted.
TEST_P(ExecFileTest, DeeperThanTheBoundIsCutAtTheFront) {
  open();
  std::string deep = directory_.path();
  for (int i = 0; i < 100; ++i) {
    deep += "/" + std::to_string(i);
  }
  std::filesystem::create_directories(deep);
  std::filesystem::copy_file(trigger("hold"), deep + "/hold");
  const Record* exec = exec_of({.args = {deep + "/hold"}});
  ASSERT_NE(exec, nullptr);
  const std::string told = executable_of(*exec);
  constexpr int kComponents = 96;  // PATH_COMPONENTS of bpf/lib/path.bpf.h
  // "..." and what was kept: never an absolute path, which a rule could take for another one
  EXPECT_TRUE((deep + "/hold").ends_with(told.substr(3))) << told;
  EXPECT_EQ(std::count(told.begin(), told.end(), '/'), kComponents);
  EXPECT_TRUE(told.starts_with(".../5/")) << told;
  EXPECT_EQ(exec->as<bongsu_exec>().flags, std::uint32_t{BONGSU_EXEC_PATH_TRUNCATED});
  EXPECT_GE(sensor().counters().faults[BONGSU_EVENT_exec][BONGSU_FAULT_PATH], 1U);
}

TEST_P(ExecFileTest, JustWithinTheBoundIsWhole) {
  open();
  std::string deep = directory_.path();
  for (int i = 0; i < 80; ++i) {
    deep += "/" + std::to_string(i);
  }
  std::filesystem::create_directories(deep);
  std::filesystem::copy_file(trigger("hold"), deep + "/hold");
  const Record* exec = exec_of({.args = {deep + "/hold"}});
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(executable_of(*exec), deep + "/hold");
  EXPECT_EQ(exec->as<bongsu_exec>().flags, 0U);
}

// More than PATH_MAX: no system call takes such a path, but step by step one gets there.
TEST_P(ExecFileTest, LongerThanPathMaxIsCutAtTheFront) {
  open();
  const std::string name(250, 'n');
  constexpr int kDepth = 20;
  const std::uint64_t faults = sensor().counters().faults[BONGSU_EVENT_exec][BONGSU_FAULT_PATH];
  const Record* exec = exec_of({.args = {"./hold"}, .before_exec = [&] {
                                  must(::chdir(directory_.path().c_str()) == 0, "chdir");
                                  for (int i = 0; i < kDepth; ++i) {
                                    must(::mkdir(name.c_str(), 0755) == 0 && ::chdir(name.c_str()) == 0, "chdir");
                                  }
                                  std::filesystem::copy_file(trigger("hold"), "hold");
                                }});
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(exec->as<bongsu_exec>().flags, std::uint32_t{BONGSU_EXEC_PATH_TRUNCATED});
  std::string expected = "...";  // and whole components, as many as fit
  for (std::size_t i = 0; i < BONGSU_PATH_BYTES / (name.size() + 1); ++i) {
    expected += "/" + name;
  }
  EXPECT_EQ(executable_of(*exec), expected + "/hold");
  EXPECT_EQ(exec->string(exec->task().working_directory), expected);
  EXPECT_EQ(requested_of(*exec), "./hold");
  EXPECT_GE(sensor().counters().faults[BONGSU_EVENT_exec][BONGSU_FAULT_PATH], faults + 2);
}

}  // namespace
}  // namespace bongsu::test
