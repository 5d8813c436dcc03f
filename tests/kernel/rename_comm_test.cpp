// SPDX-License-Identifier: Apache-2.0
//
// rename_comm: by the thread itself or by another, and never the kernel's own renaming at exec.
#include <algorithm>
#include <cstring>
#include <iterator>

#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"

namespace bongsu::test {
namespace {

class RenameCommTest : public KernelTest {
 protected:
  static std::string previous(const Record& record) {
    return std::string(record.string(record.as<bongsu_rename_comm>().previous));
  }
};
BONGSU_BOTH_TRANSPORTS(RenameCommTest);

TEST_P(RenameCommTest, ByItself) {
  open({EventType::rename_comm});
  Child child({.args = {trigger("rename_comm"), "own", "new name"}});
  const std::uint32_t pid = child.pid();
  EXPECT_EQ(child.finish(), 0);
  const Record* exit = wait_for(EventType::exit, pid);
  ASSERT_NE(exit, nullptr);
  ASSERT_EQ(all(EventType::rename_comm, pid).size(), 1U);  // so the exec before it is not told
  const Record* rename = all(EventType::rename_comm, pid)[0];
  EXPECT_EQ(previous(*rename), "rename_comm");
  EXPECT_EQ(comm_of(*rename), "new name");
  EXPECT_EQ(comm_of(*exit), "new name");
  EXPECT_EQ(rename->as<bongsu_rename_comm>().pad, 0U);
  // The rest is the process's, as its exec told it.
  const bongsu_task& exec = all(EventType::exec, pid)[0]->task();
  bongsu_task task = rename->task();
  EXPECT_EQ(task.tid, pid);
  EXPECT_EQ(rename->string(task.working_directory), all(EventType::exec, pid)[0]->string(exec.working_directory));
  std::copy(std::begin(exec.comm), std::end(exec.comm), std::begin(task.comm));
  task.working_directory = exec.working_directory;
  EXPECT_EQ(std::memcmp(&task, &exec, sizeof(task)), 0);
  EXPECT_GT(rename->header().time_ns, all(EventType::exec, pid)[0]->header().time_ns);
  EXPECT_LT(rename->header().time_ns, exit->header().time_ns);
}

TEST_P(RenameCommTest, CutAsTheKernelCutsIt) {
  open({EventType::rename_comm});
  Child child({.args = {trigger("rename_comm"), "own", "a name that is longer than fifteen bytes"}});
  const std::uint32_t pid = child.pid();
  EXPECT_EQ(child.finish(), 0);
  const Record* rename = wait_for(EventType::rename_comm, pid);
  ASSERT_NE(rename, nullptr);
  EXPECT_EQ(comm_of(*rename), "a name that is ");
}

TEST_P(RenameCommTest, OfAnotherThreadThroughProc) {
  open({EventType::rename_comm});
  Child child({.args = {trigger("rename_comm"), "other", "\xff\x1b[0m"}});
  const std::uint32_t thread = child.number();
  const std::uint32_t pid = child.pid();
  EXPECT_EQ(child.finish(), 0);
  ASSERT_NE(wait_for(EventType::exit, pid), nullptr);
  ASSERT_EQ(all(EventType::rename_comm, pid).size(), 1U);
  const Record* rename = all(EventType::rename_comm, pid)[0];
  EXPECT_EQ(rename->task().tid, thread);
  EXPECT_NE(thread, pid);
  EXPECT_EQ(previous(*rename), "rename_comm");
  EXPECT_EQ(comm_of(*rename), "\xff\x1b[0m");
  EXPECT_EQ(rename->task().start_ns, all(EventType::exec, pid)[0]->task().start_ns);
}

TEST_P(RenameCommTest, IsNotWatchedUnlessAsked) {
  open();
  Child child({.args = {trigger("rename_comm"), "own", "new name"}});
  const std::uint32_t pid = child.pid();
  EXPECT_EQ(child.finish(), 0);
  ASSERT_NE(wait_for(EventType::exit, pid), nullptr);
  EXPECT_TRUE(std::none_of(records().begin(), records().end(),
                           [](const KeptRecord& kept) { return kept.record().type() == EventType::rename_comm; }));
  EXPECT_EQ(sensor().counters().emitted[BONGSU_EVENT_rename_comm], 0U);
}

}  // namespace
}  // namespace bongsu::test
