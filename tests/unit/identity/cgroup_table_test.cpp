// SPDX-License-Identifier: Apache-2.0
#include "identity/cgroup_table.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "support/record_builder.h"

namespace bongsu {
namespace {

using test::kSecond;

const std::string kId(64, 'a');
const std::string kPath = "/docker/" + kId;

class FakeResolver final : public CgroupResolver {
 public:
  std::optional<std::string> path_of(CgroupKey key) override {
    ++asked;
    const auto found = paths.find({key.hierarchy, key.id});
    return found == paths.end() ? std::nullopt : std::optional(found->second);
  }
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::string> paths;
  int asked = 0;
};

class CgroupTableTest : public testing::Test {
 protected:
  std::string id_at(CgroupKey key, std::uint64_t now_ns) {
    const Place place = table_.lookup(key, now_ns);
    return place.kind == Place::Kind::container ? containers_.get(place.container)->id : "";
  }

  ContainerTable containers_;
  FakeResolver resolver_;
  CgroupTable table_{containers_, &resolver_};
};

TEST_F(CgroupTableTest, AContainerIsToldOncePerLife) {
  // cgroup v1: one cgroup in each hierarchy, with ids that collide with others' in other hierarchies.
  const SlotRef told = table_.made({4, 17}, kPath, 100);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(containers_.get(told)->id, kId);
  EXPECT_TRUE(table_.made({8, 17}, kPath, 101).empty());
  EXPECT_TRUE(table_.made({0, 90}, kPath, 102).empty());
  EXPECT_EQ(containers_.size(), 1U);

  EXPECT_TRUE(table_.removed({4, 17}, kPath, 200).empty());
  EXPECT_TRUE(table_.removed({0, 90}, kPath, 201).empty());
  EXPECT_EQ(table_.removed({8, 17}, kPath, 202), told);
  EXPECT_FALSE(containers_.get(told)->live());
  EXPECT_TRUE(table_.removed({8, 17}, kPath, 203).empty());
  // Its last tasks' records still find it.
  EXPECT_EQ(id_at({8, 17}, 300), kId);
  EXPECT_EQ(resolver_.asked, 0);
}

TEST_F(CgroupTableTest, ARestartUnderTheSameIdIsANewLife) {
  ASSERT_FALSE(table_.made({0, 1}, kPath, 100).empty());
  ASSERT_FALSE(table_.removed({0, 1}, kPath, 200).empty());
  EXPECT_FALSE(table_.made({0, 2}, kPath, 300).empty());
  EXPECT_TRUE(containers_.get(containers_.find(kId))->live());
  EXPECT_FALSE(table_.removed({0, 2}, kPath, 400).empty());
}

TEST_F(CgroupTableTest, ALateRecordOfTheOldLifeIsNoRestart) {
  ASSERT_FALSE(table_.made({4, 1}, kPath, 100).empty());
  ASSERT_FALSE(table_.removed({4, 1}, kPath, 200).empty());
  EXPECT_TRUE(table_.made({5, 1}, kPath, 101).empty());
  EXPECT_FALSE(containers_.get(containers_.find(kId))->live());
}

TEST_F(CgroupTableTest, AStopReadBeforeItsStartLosesNeither) {
  EXPECT_FALSE(table_.removed({0, 1}, kPath, 200).empty());
  EXPECT_FALSE(table_.made({0, 1}, kPath, 100).empty());
  EXPECT_FALSE(containers_.get(containers_.find(kId))->live());
  EXPECT_TRUE(table_.made({0, 1}, kPath, 100).empty());
  EXPECT_TRUE(table_.removed({0, 1}, kPath, 200).empty());
}

TEST_F(CgroupTableTest, ANestedCgroupIsItsContainersButNoContainer) {
  ASSERT_FALSE(table_.made({0, 1}, kPath, 100).empty());
  EXPECT_TRUE(table_.made({0, 2}, kPath + "/container", 101).empty());
  EXPECT_EQ(id_at({0, 2}, 102), kId);
  EXPECT_TRUE(table_.removed({0, 2}, kPath + "/container", 103).empty());
  EXPECT_TRUE(containers_.get(containers_.find(kId))->live());
  EXPECT_FALSE(table_.removed({0, 1}, kPath, 104).empty());
}

TEST_F(CgroupTableTest, HostCgroupsAreNoContainers) {
  EXPECT_TRUE(table_.made({0, 1}, "/system.slice/cron.service", 100).empty());
  EXPECT_EQ(table_.lookup({0, 1}, 101).kind, Place::Kind::host);
  EXPECT_TRUE(table_.removed({0, 1}, "/system.slice/cron.service", 102).empty());
  EXPECT_EQ(resolver_.asked, 0);
}

TEST_F(CgroupTableTest, UnknownIdsAreResolvedOnce) {
  resolver_.paths[{0, 7}] = kPath;
  EXPECT_EQ(id_at({0, 7}, 100), kId);
  EXPECT_EQ(id_at({0, 7}, 101), kId);
  EXPECT_EQ(resolver_.asked, 1);
  // It was there before, but nobody was told: the announcement, read late, still tells.
  EXPECT_FALSE(table_.made({0, 7}, kPath, 99).empty());
  // The only cgroup of its own that is known goes.
  EXPECT_FALSE(table_.removed({0, 7}, kPath, 200).empty());
}

TEST_F(CgroupTableTest, AContainerFromBeforeStopsWithTheFirstUnknownCgroup) {
  resolver_.paths[{0, 8}] = kPath + "/container";  // where its tasks are: not its own cgroup
  EXPECT_EQ(id_at({0, 8}, 100), kId);
  EXPECT_FALSE(table_.removed({0, 7}, kPath, 200).empty());
}

TEST_F(CgroupTableTest, VainQuestionsAreNotRepeatedForAWhile) {
  EXPECT_EQ(table_.lookup({0, 7}, 100).kind, Place::Kind::unknown);
  EXPECT_EQ(table_.lookup({0, 7}, 100 + CgroupTable::kRetryNs - 1).kind, Place::Kind::unknown);
  EXPECT_EQ(resolver_.asked, 1);
  resolver_.paths[{0, 7}] = kPath;
  EXPECT_EQ(id_at({0, 7}, 100 + CgroupTable::kRetryNs), kId);
  EXPECT_EQ(resolver_.asked, 2);
  EXPECT_EQ(table_.counters().unresolved, 1U);
  EXPECT_EQ(table_.counters().resolved, 1U);
  // A record ends the wait at once.
  EXPECT_EQ(table_.lookup({0, 9}, 5 * kSecond).kind, Place::Kind::unknown);
  ASSERT_TRUE(table_.made({0, 9}, kPath + "/x", 5 * kSecond).empty());
  EXPECT_EQ(id_at({0, 9}, 5 * kSecond), kId);
}

TEST_F(CgroupTableTest, TheFirstHierarchyThatNamesAContainerWins) {
  const std::string other = "/docker/" + std::string(64, 'b');
  resolver_.paths[{0, 1}] = "/";
  resolver_.paths[{4, 5}] = kPath;
  resolver_.paths[{0, 5}] = other;
  bongsu_task task{};
  task.cgroup_id = 1;
  task.cgroup_v1_hierarchy = 4;
  task.cgroup_v1_id = 5;
  Place place = table_.place_of(task, 10);
  ASSERT_EQ(place.kind, Place::Kind::container);
  EXPECT_EQ(containers_.get(place.container)->id, kId);
  task.cgroup_id = 5;  // the same number, but in the v2 hierarchy
  place = table_.place_of(task, 11);
  ASSERT_EQ(place.kind, Place::Kind::container);
  EXPECT_EQ(containers_.get(place.container)->id, std::string(64, 'b'));
}

TEST_F(CgroupTableTest, HostOnlyWhenNothingIsUnknown) {
  bongsu_task task{};
  EXPECT_EQ(table_.place_of(task, 10).kind, Place::Kind::host);  // no v2, and the root everywhere else
  resolver_.paths[{0, 1}] = "/";
  task.cgroup_id = 1;
  EXPECT_EQ(table_.place_of(task, 10).kind, Place::Kind::host);
  task.cgroup_v1_hierarchy = 4;
  task.cgroup_v1_id = 5;
  EXPECT_EQ(table_.place_of(task, 10).kind, Place::Kind::unknown);
  resolver_.paths[{4, 5}] = "/system.slice";
  EXPECT_EQ(table_.place_of(task, 20 * kSecond).kind, Place::Kind::host);
}

TEST_F(CgroupTableTest, RemovedOnesStaySixtySeconds) {
  (void)table_.made({0, 1}, kPath, kSecond);
  (void)table_.removed({0, 1}, kPath, 2 * kSecond);
  table_.expire(62 * kSecond - 1);
  EXPECT_EQ(table_.size(), 1U);
  table_.expire(62 * kSecond);
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(CgroupTableTest, AForgottenContainerIsAskedForAgain) {
  resolver_.paths[{0, 7}] = kPath;
  EXPECT_EQ(id_at({0, 7}, 100), kId);
  containers_.end(containers_.find(kId), 100);
  containers_.expire(100 + ContainerTable::kKeepEndedNs);
  EXPECT_EQ(containers_.size(), 0U);
  EXPECT_EQ(id_at({0, 7}, 100 * kSecond), kId);
  EXPECT_EQ(resolver_.asked, 2);
}

TEST(CgroupTableBounds, EvictsTheLongestUnaskedAndCounts) {
  ContainerTable containers;
  FakeResolver resolver;
  CgroupTable table(containers, &resolver, 100);
  for (std::uint64_t id = 1; id <= 1000; ++id) {
    (void)table.made({0, id}, "/system.slice/x.service", id);
    EXPECT_EQ(table.lookup({0, 1}, id).kind, Place::Kind::host);  // asked all the time: stays
  }
  EXPECT_EQ(table.size(), 100U);
  EXPECT_EQ(table.counters().evicted, 900U);
  EXPECT_EQ(resolver.asked, 0);
}

TEST(CgroupTableBounds, RemovedOnesGoFirst) {
  ContainerTable containers;
  CgroupTable table(containers, nullptr, 2);
  (void)table.made({0, 1}, "/a", 1);
  (void)table.made({0, 2}, "/b", 2);
  (void)table.removed({0, 2}, "/b", 3);
  (void)table.made({0, 3}, "/c", 4);
  EXPECT_EQ(table.counters().evicted, 0U);
  EXPECT_EQ(table.lookup({0, 1}, 5).kind, Place::Kind::host);
}

}  // namespace
}  // namespace bongsu
