// SPDX-License-Identifier: Apache-2.0
//
// cgroup_move and cgroup_rename, in every hierarchy: who was moved where, and by whom.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "support/kernel/calls.h"
#include "support/kernel/cgroup.h"

namespace bongsu::test {
namespace {

class CgroupMoveTest : public CallsTest {
 protected:
  void expect_moves(const CgroupTree& tree) {
    if (!tree.valid()) {
      GTEST_SKIP() << "this machine does not mount such a hierarchy";
    }
    open({EventType::cgroup_move});
    Child moved({.args = {trigger("hold")}, .before_exec = [&] { must(tree.enter(), "enter"); }});
    ASSERT_EQ(moved.line(), "ready");
    const Record* first = wait_for(EventType::cgroup_move, moved.pid());
    ASSERT_NE(first, nullptr);
    expect_move(*first, tree, tree.inner(), moved.pid());
    EXPECT_EQ(first->as<bongsu_cgroup_move>().subject_cgroup_id, tree.id());

    // And by another process, to the cgroup above.
    Child mover({.args = {"none"}, .before_exec = [&] {
                   const int fd = ::open((tree.directory(tree.outer()) + "/cgroup.procs").c_str(), O_WRONLY);
                   const std::string pid = std::to_string(moved.pid());
                   must(fd >= 0 && ::write(fd, pid.data(), pid.size()) > 0, "move");
                   ::_exit(0);
                 }});
    const std::uint32_t mover_pid = mover.pid();
    EXPECT_EQ(mover.finish(), 0);
    const Record* second = wait_for(EventType::cgroup_move, moved.pid(), 2);
    ASSERT_NE(second, nullptr);
    expect_move(*second, tree, tree.outer(), mover_pid);
    EXPECT_EQ(second->as<bongsu_cgroup_move>().subject_cgroup_id, inode_of(tree.directory(tree.outer())));
    expect_task(*second, moved.pid(), facts_of(moved.pid()));  // process.* is the one that was moved
    EXPECT_EQ(moved.finish(), 0);
  }

  static void expect_move(const Record& record, const CgroupTree& tree, const std::string& path, std::uint32_t mover) {
    const auto& wire = record.as<bongsu_cgroup_move>();
    EXPECT_EQ(wire.hierarchy, tree.hierarchy());
    EXPECT_EQ(wire.pad, 0U);
    EXPECT_EQ(told(record), (Fields{{"cgroup.path", path}, {"process.mover.pid", std::to_string(mover)}}));
    // The record's task is in its new cgroup already.
    const bongsu_task& task = record.task();
    EXPECT_EQ(tree.hierarchy() == 0 ? task.cgroup_id : task.cgroup_v1_id, wire.subject_cgroup_id);
  }
};
BONGSU_BOTH_TRANSPORTS(CgroupMoveTest);

TEST_P(CgroupMoveTest, InTheUnifiedHierarchy) { expect_moves(CgroupTree::v2()); }
// The memory controller's: a record's task carries its id first.
TEST_P(CgroupMoveTest, InAHierarchyOfItsOwn) { expect_moves(CgroupTree::v1("memory")); }

TEST_P(CgroupMoveTest, Rename) {
  const CgroupTree tree = CgroupTree::v1("pids");
  if (!tree.valid()) {
    GTEST_SKIP() << "this machine does not mount such a hierarchy";
  }
  open({EventType::cgroup_rename});
  const std::string from = tree.directory(tree.inner());
  const std::string to = tree.directory(tree.outer()) + "/renamed";
  Child child({.args = {"none"}, .before_exec = [&] {
                 must(::rename(from.c_str(), to.c_str()) == 0, "rename");
                 must(::rename(to.c_str(), from.c_str()) == 0, "rename back");
                 ::_exit(0);
               }});
  const std::uint32_t pid = child.pid();
  EXPECT_EQ(child.finish(), 0);
  const Record* first = wait_for(EventType::cgroup_rename, pid);
  const Record* second = wait_for(EventType::cgroup_rename, pid, 2);
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(told(*first), (Fields{{"cgroup.path", tree.outer() + "/renamed"}}));
  EXPECT_EQ(told(*second), (Fields{{"cgroup.path", tree.inner()}}));
  for (const Record* record : {first, second}) {
    const auto& wire = record->as<bongsu_cgroup_rename>();
    EXPECT_EQ(wire.subject_cgroup_id, tree.id());
    EXPECT_EQ(wire.hierarchy, tree.hierarchy());
  }
}

}  // namespace
}  // namespace bongsu::test
