// SPDX-License-Identifier: Apache-2.0
//
// exec: arguments of every kind, whole or told to be cut.
#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"

namespace bongsu::test {
namespace {

class ExecArgsTest : public KernelTest {
 protected:
  // The exec of `hold` with these arguments.
  const Record* exec_with(const std::vector<std::string>& args) {
    open();
    child_ = std::make_unique<Child>(ChildOptions{.args = args, .program = trigger("hold")});
    EXPECT_EQ(child_->line(), "ready");
    return wait_for(EventType::exec, child_->pid());
  }

  std::unique_ptr<Child> child_;
};
BONGSU_BOTH_TRANSPORTS(ExecArgsTest);

std::size_t bytes_of(const std::vector<std::string>& args) {
  std::size_t bytes = 0;
  for (const std::string& arg : args) {
    bytes += arg.size() + 1;
  }
  return bytes;
}

std::string blob_of(const std::vector<std::string>& args) {
  std::string blob;
  for (const std::string& arg : args) {
    blob.append(arg).push_back('\0');
  }
  return blob;
}

void expect_whole(const Record& exec, const std::vector<std::string>& args) {
  EXPECT_EQ(args_of(exec), args);
  EXPECT_EQ(exec.as<bongsu_exec>().args_count, args.size());
  EXPECT_EQ(exec.as<bongsu_exec>().args_bytes, bytes_of(args));
  EXPECT_EQ(exec.as<bongsu_exec>().flags, 0U);
}

TEST_P(ExecArgsTest, AnEmptyLastOneIsThere) {
  const std::vector<std::string> args = {"hold", "", "x", ""};
  const Record* exec = exec_with(args);
  ASSERT_NE(exec, nullptr);
  expect_whole(*exec, args);
}

TEST_P(ExecArgsTest, BytesOfAnyKindAreKept) {
  const std::vector<std::string> args = {"hold", "two\nlines", "\xff\xfe\x80", "\x1b[31m", "\xea\xb0\x80\"\\", " "};
  const Record* exec = exec_with(args);
  ASSERT_NE(exec, nullptr);
  expect_whole(*exec, args);
}

TEST_P(ExecArgsTest, OnlyTheProgramsName) {
  const Record* exec = exec_with({"hold"});
  ASSERT_NE(exec, nullptr);
  expect_whole(*exec, {"hold"});
}

// Without any argument the kernel gives one, empty (fs/exec.c, since 5.18); older ones give none.
TEST_P(ExecArgsTest, NoneAtAll) {
  open();
  Child child({.args = {trigger("exec"), "none", trigger("hold")}});
  EXPECT_EQ(child.line(), "ready");
  const Record* exec = wait_for(EventType::exec, child.pid(), 2);
  ASSERT_NE(exec, nullptr);
  const std::string in_proc = read_file("/proc/" + std::to_string(child.pid()) + "/cmdline");
  EXPECT_EQ(exec->string(exec->as<bongsu_exec>().args), in_proc);
  EXPECT_EQ(exec->as<bongsu_exec>().args_bytes, in_proc.size());
  EXPECT_EQ(exec->as<bongsu_exec>().args_count, in_proc.size());
  EXPECT_EQ(exec->as<bongsu_exec>().flags, 0U);
  EXPECT_EQ(executable_of(*exec), trigger("hold"));
}

TEST_P(ExecArgsTest, AsManyAsTheRecordHolds) {
  const std::vector<std::string> args = {"hold", std::string(BONGSU_ARGS_BYTES - 6, 'a')};
  ASSERT_EQ(bytes_of(args), std::size_t{BONGSU_ARGS_BYTES});
  const Record* exec = exec_with(args);
  ASSERT_NE(exec, nullptr);
  expect_whole(*exec, args);
}

// The front of them is kept, the count and the size of all are told.
TEST_P(ExecArgsTest, OneByteMoreIsCut) {
  const std::vector<std::string> args = {"hold", std::string(BONGSU_ARGS_BYTES - 5, 'a')};
  const Record* exec = exec_with(args);
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(exec->as<bongsu_exec>().flags, std::uint32_t{BONGSU_EXEC_ARGS_TRUNCATED});
  EXPECT_EQ(exec->as<bongsu_exec>().args_bytes, BONGSU_ARGS_BYTES + 1U);
  EXPECT_EQ(exec->as<bongsu_exec>().args_count, 2U);
  EXPECT_EQ(exec->string(exec->as<bongsu_exec>().args), blob_of(args).substr(0, BONGSU_ARGS_BYTES));
}

TEST_P(ExecArgsTest, OneMebibyteOfThemIsCut) {
  std::vector<std::string> args = {"hold"};
  for (int i = 0; i < 16; ++i) {
    args.push_back(std::to_string(i) + std::string(65'536, 'b'));  // MAX_ARG_STRLEN is 128 KiB
  }
  ASSERT_GT(bytes_of(args), 1U << 20);
  const Record* exec = exec_with(args);
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(exec->as<bongsu_exec>().flags, std::uint32_t{BONGSU_EXEC_ARGS_TRUNCATED});
  EXPECT_EQ(exec->as<bongsu_exec>().args_bytes, bytes_of(args));
  EXPECT_EQ(exec->as<bongsu_exec>().args_count, args.size());
  EXPECT_EQ(exec->string(exec->as<bongsu_exec>().args), blob_of(args).substr(0, BONGSU_ARGS_BYTES));
  EXPECT_EQ(executable_of(*exec), trigger("hold"));
  EXPECT_EQ(sensor().counters().faults[BONGSU_EVENT_exec][BONGSU_FAULT_ARGS], 0U);
}

TEST_P(ExecArgsTest, ManySmallOnes) {
  std::vector<std::string> args(1000, "xy");
  args.front() = "hold";
  const Record* exec = exec_with(args);
  ASSERT_NE(exec, nullptr);
  expect_whole(*exec, args);
}

}  // namespace
}  // namespace bongsu::test
