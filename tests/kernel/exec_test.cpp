// SPDX-License-Identifier: Apache-2.0
//
// exec: which file, by which name, with which arguments, told of which process.
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"

namespace bongsu::test {
namespace {

class ExecTest : public KernelTest {
 protected:
  // The first exec of the child that executes the trigger `hold`, which is waited for.
  const Record* held(Child& child) {
    EXPECT_EQ(child.line(), "ready");
    return wait_for(EventType::exec, child.pid());
  }
};
BONGSU_BOTH_TRANSPORTS(ExecTest);

std::string contents_of_script(const std::string& interpreter) { return "#!" + interpreter + " one two\n"; }

TEST_P(ExecTest, TellsTheWholeProcess) {
  open();
  const std::string hold = std::filesystem::canonical(trigger("hold"));
  Child child({.args = {hold, "first", "second argument"}});
  const Record* exec = held(child);
  ASSERT_NE(exec, nullptr);

  const bongsu_header& header = exec->header();
  EXPECT_EQ(header.size, exec->bytes().size());
  EXPECT_EQ(header.flags, 0);
  EXPECT_GE(header.time_ns, child.before_ns());
  EXPECT_LE(header.time_ns, boot_ns());
  EXPECT_GE(exec->task().start_ns, child.before_ns());
  EXPECT_LE(exec->task().start_ns, header.time_ns);
  expect_task(*exec, child.pid(), facts_of(child.pid()));
  EXPECT_EQ(exec->task().parent_pid, static_cast<std::uint32_t>(::getpid()));
  EXPECT_EQ(ticks(exec->task().parent_start_ns), facts_of(static_cast<std::uint32_t>(::getpid())).start_ticks);
  EXPECT_EQ(comm_of(*exec), "hold");

  const auto& wire = exec->as<bongsu_exec>();
  EXPECT_EQ(executable_of(*exec), hold);
  EXPECT_EQ(requested_of(*exec), hold);
  EXPECT_EQ(args_of(*exec), (std::vector<std::string>{hold, "first", "second argument"}));
  EXPECT_EQ(wire.args_count, 3U);
  EXPECT_EQ(wire.args_bytes, hold.size() + 1 + sizeof("first") + sizeof("second argument"));
  EXPECT_EQ(file_id(*exec), file_id(hold));
  EXPECT_EQ(wire.flags, 0U);
  EXPECT_EQ(wire.pad, 0U);
}

TEST_P(ExecTest, OfAProcessThatHadAnotherProgramKeepsItsStart) {
  open();
  Child child({.args = {trigger("exec"), "path", trigger("hold"), "hold"}});
  EXPECT_EQ(child.line(), "ready");
  const Record* second = wait_for(EventType::exec, child.pid(), 2);
  ASSERT_NE(second, nullptr);
  const Record* first = all(EventType::exec, child.pid())[0];
  EXPECT_EQ(executable_of(*first), trigger("exec"));
  EXPECT_EQ(executable_of(*second), trigger("hold"));
  EXPECT_EQ(first->task().start_ns, second->task().start_ns);
  EXPECT_LT(first->header().time_ns, second->header().time_ns);
}

TEST_P(ExecTest, OfAScriptIsItsInterpreter) {
  open();
  const TemporaryDirectory directory;
  const std::string script = directory.path() + "/script";
  const std::string interpreter = directory.copy_trigger("hold", "interpreter");
  std::ofstream(script) << contents_of_script(interpreter);
  std::filesystem::permissions(script, std::filesystem::perms(0755));
  Child child({.args = {script, "argument"}});
  const Record* exec = held(child);
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(executable_of(*exec), interpreter);
  EXPECT_EQ(requested_of(*exec), script);
  EXPECT_EQ(file_id(*exec), file_id(interpreter));
  // The kernel makes these: interpreter, its one argument, the script's path, the script's arguments.
  EXPECT_EQ(args_of(*exec), (std::vector<std::string>{interpreter, "one two", script, "argument"}));
  EXPECT_EQ(exec->as<bongsu_exec>().args_count, 4U);
  EXPECT_EQ(comm_of(*exec), "script");
}

TEST_P(ExecTest, ThroughALinkIsTheTarget) {
  open();
  const TemporaryDirectory directory;
  const std::string target = directory.copy_trigger("hold", "target");
  const std::string link = directory.path() + "/link";
  std::filesystem::create_symlink("./../" + std::filesystem::path(directory.path()).filename().string() + "/target",
                                  link);
  Child child({.args = {"as-it-likes"}, .program = link});
  const Record* exec = held(child);
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(executable_of(*exec), target);
  EXPECT_EQ(requested_of(*exec), link);
  EXPECT_EQ(args_of(*exec), std::vector<std::string>{"as-it-likes"});
  EXPECT_EQ(comm_of(*exec), "link");
  EXPECT_EQ(exec->as<bongsu_exec>().flags, 0U);
}

TEST_P(ExecTest, ThroughDotsAndProcRootIsTheFile) {
  open();
  const TemporaryDirectory directory;
  const std::string target = directory.copy_trigger("hold", "target");
  const std::string way = "/proc/self/root" + directory.path() + "/.././" +
                          std::filesystem::path(directory.path()).filename().string() + "//target";
  Child child({.args = {"target"}, .program = way});
  const Record* exec = held(child);
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(executable_of(*exec), target);
  EXPECT_EQ(requested_of(*exec), way);
}

TEST_P(ExecTest, OfProcSelfExeIsTheProgramThatDoesIt) {
  open();
  Child child({.args = {trigger("exec"), "path", "/proc/self/exe", "exec", "path", trigger("hold"), "hold"}});
  EXPECT_EQ(child.line(), "ready");
  ASSERT_NE(wait_for(EventType::exec, child.pid(), 3), nullptr);
  const Record* exec = all(EventType::exec, child.pid())[1];
  EXPECT_EQ(executable_of(*exec), trigger("exec"));
  EXPECT_EQ(requested_of(*exec), "/proc/self/exe");
  EXPECT_EQ(file_id(*exec), file_id(trigger("exec")));
}

TEST_P(ExecTest, ByDescriptorIsTheFile) {
  open();
  Child child({.args = {trigger("exec"), "fd", trigger("hold"), "hold"}});
  EXPECT_EQ(child.line(), "ready");
  const Record* exec = wait_for(EventType::exec, child.pid(), 2);
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(executable_of(*exec), trigger("hold"));
  EXPECT_EQ(file_id(*exec), file_id(trigger("hold")));
  EXPECT_TRUE(requested_of(*exec).starts_with("/dev/fd/")) << requested_of(*exec);
  EXPECT_EQ(exec->as<bongsu_exec>().flags, 0U);
}

TEST_P(ExecTest, RelativeToADirectoryIsTheFile) {
  open();
  Child child({.args = {trigger("exec"), "dirfd", trigger("hold"), "hold"}});
  EXPECT_EQ(child.line(), "ready");
  const Record* exec = wait_for(EventType::exec, child.pid(), 2);
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(executable_of(*exec), trigger("hold"));
  EXPECT_TRUE(requested_of(*exec).ends_with("/hold")) << requested_of(*exec);
}

TEST_P(ExecTest, OfAMemfdIsFlagged) {
  open();
  Child child({.args = {trigger("exec"), "memfd", trigger("hold"), "innocent"}});
  EXPECT_EQ(child.line(), "ready");
  const Record* exec = wait_for(EventType::exec, child.pid(), 2);
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(executable_of(*exec), "memfd:bongsu-test");
  EXPECT_EQ(args_of(*exec), std::vector<std::string>{"innocent"});
  EXPECT_EQ(exec->as<bongsu_exec>().flags, std::uint32_t{BONGSU_EXEC_MEMFD});
  EXPECT_EQ(file_id(*exec).inode, inode_of("/proc/" + std::to_string(child.pid()) + "/exe"));
}

TEST_P(ExecTest, OfADeletedFileIsFlagged) {
  open();
  const TemporaryDirectory directory;
  const std::string file = directory.copy_trigger("hold", "gone");
  const FileId id = file_id(file);
  Child child({.args = {trigger("exec"), "deleted", file, "gone"}});
  EXPECT_EQ(child.line(), "ready");
  const Record* exec = wait_for(EventType::exec, child.pid(), 2);
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(executable_of(*exec), file);
  EXPECT_EQ(file_id(*exec), id);
  EXPECT_EQ(exec->as<bongsu_exec>().flags, std::uint32_t{BONGSU_EXEC_DELETED});
}

// The other name is still there, the one it was executed by is not.
TEST_P(ExecTest, OfAFileWhoseNameIsGoneIsFlaggedThoughAnotherNameIsLeft) {
  open();
  const TemporaryDirectory directory;
  const std::string file = directory.copy_trigger("hold", "gone");
  std::filesystem::create_hard_link(file, directory.path() + "/left");
  Child child({.args = {trigger("exec"), "deleted", file, "gone"}});
  EXPECT_EQ(child.line(), "ready");
  const Record* exec = wait_for(EventType::exec, child.pid(), 2);
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(exec->as<bongsu_exec>().flags, std::uint32_t{BONGSU_EXEC_DELETED});
}

TEST_P(ExecTest, FromAThreadIsToldOfTheProcess) {
  open();
  Child child({.args = {trigger("exec"), "thread", trigger("hold"), "hold"}});
  const std::uint32_t thread = child.number();
  EXPECT_EQ(child.line(), "ready");
  const Record* exec = wait_for(EventType::exec, child.pid(), 2);
  ASSERT_NE(exec, nullptr);
  EXPECT_NE(thread, child.pid());
  // The thread has become the first one, with its id and start.
  expect_task(*exec, child.pid(), facts_of(child.pid()));
  EXPECT_EQ(exec->task().start_ns, all(EventType::exec, child.pid())[0]->task().start_ns);
  EXPECT_EQ(executable_of(*exec), trigger("hold"));
  // The threads that the exec ended are no process's end.
  EXPECT_EQ(child.finish(), 0);
  ASSERT_NE(wait_for(EventType::exit, exec->task().pid), nullptr);
  EXPECT_EQ(all(EventType::exit, exec->task().pid).size(), 1U);
  EXPECT_TRUE(all(EventType::exit, thread).empty());
  EXPECT_TRUE(all(EventType::exec, thread).empty());
}

TEST_P(ExecTest, AfterVforkIsToldOfTheChild) {
  open();
  Child child({.args = {trigger("exec"), "vfork", trigger("exit"), "exit", "code", "7"}});
  const std::uint32_t vforked = child.number();
  const std::uint32_t parent = child.pid();
  EXPECT_EQ(WEXITSTATUS(child.finish()), 7);
  const Record* exit = wait_for(EventType::exit, vforked);
  ASSERT_NE(exit, nullptr);
  ASSERT_EQ(all(EventType::exec, vforked).size(), 1U);
  const Record* exec = all(EventType::exec, vforked)[0];
  EXPECT_EQ(executable_of(*exec), trigger("exit"));
  EXPECT_EQ(exec->task().parent_pid, parent);
  EXPECT_EQ(exec->task().parent_start_ns, all(EventType::exec, parent)[0]->task().start_ns);
  EXPECT_EQ(exec->task().start_ns, exit->task().start_ns);
}

}  // namespace
}  // namespace bongsu::test
