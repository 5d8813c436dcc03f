// SPDX-License-Identifier: Apache-2.0
//
// container_start and container_stop: every cgroup made and removed, in every hierarchy, with the one that did it.
#include <unistd.h>

#include <optional>
#include <utility>

#include "support/kernel/cgroup.h"
#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"

namespace bongsu::test {
namespace {

// A tree can be removed before the end of its scope; neither copied nor moved, it is made in place.
struct Made {
  explicit Made(CgroupTree (*make)()) : tree(make()) {}
  CgroupTree tree;
};

class ContainerTest : public KernelTest {
 protected:
  // This process's record of that type about the cgroup at `path`. container_start and container_stop have one shape.
  const bongsu_container_start* told(EventType type, const std::string& path, std::uint32_t hierarchy) {
    const bongsu_container_start* found = nullptr;
    EXPECT_TRUE(poll_until([&] {
      for (const Record* record : all(type, static_cast<std::uint32_t>(::getpid()))) {
        const auto& wire = record->as<bongsu_container_start>();
        if (record->string(wire.path) == path && wire.hierarchy == hierarchy) {
          EXPECT_TRUE(found == nullptr || found == &wire) << "told twice";
          found = &wire;
          expect_task(*record, static_cast<std::uint32_t>(::getpid()), self_);
        }
      }
      return found != nullptr;
    })) << info(type).name
        << " " << path << " in hierarchy " << hierarchy;
    return found;
  }

  void expect_start_and_stop(CgroupTree (*make)()) {
    open();
    const std::uint64_t before_ns = boot_ns();
    std::optional<Made> tree(std::in_place, make);
    if (!tree->tree.valid()) {
      GTEST_SKIP() << "this machine does not mount such a hierarchy";
    }
    const std::uint64_t after_ns = boot_ns();
    const std::uint64_t id = tree->tree.id();
    const std::string inner = tree->tree.inner();
    const std::uint32_t hierarchy = tree->tree.hierarchy();
    const bongsu_container_start* start = told(EventType::container_start, inner, hierarchy);
    const bongsu_container_start* outer = told(EventType::container_start, tree->tree.outer(), hierarchy);
    ASSERT_NE(start, nullptr);
    ASSERT_NE(outer, nullptr);
    EXPECT_EQ(start->subject_cgroup_id, id);
    EXPECT_EQ(outer->subject_cgroup_id, inode_of(tree->tree.directory(tree->tree.outer())));
    EXPECT_LT(outer->header.time_ns, start->header.time_ns);
    EXPECT_GE(outer->header.time_ns, before_ns);
    EXPECT_LE(start->header.time_ns, after_ns);
    tree.reset();
    const bongsu_container_start* stop = told(EventType::container_stop, inner, hierarchy);
    ASSERT_NE(stop, nullptr);
    EXPECT_EQ(stop->subject_cgroup_id, id);
    EXPECT_GT(stop->header.time_ns, after_ns);
  }

  ProcFacts self_ = facts_of(static_cast<std::uint32_t>(::getpid()));
};
BONGSU_BOTH_TRANSPORTS(ContainerTest);

TEST_P(ContainerTest, InTheUnifiedHierarchy) { expect_start_and_stop(&CgroupTree::v2); }

TEST_P(ContainerTest, InAHierarchyOfItsOwn) {
  expect_start_and_stop(+[] { return CgroupTree::v1("pids"); });
}

}  // namespace
}  // namespace bongsu::test
