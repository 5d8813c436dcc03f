// SPDX-License-Identifier: Apache-2.0
#include "identity/container_table.h"

#include <gtest/gtest.h>

#include <string>

#include "support/record_builder.h"

namespace bongsu {
namespace {

using test::kSecond;

std::string id_of(std::size_t number) {
  std::string id = std::to_string(number);
  return std::string(64 - id.size(), '0') + id;
}

SlotRef add(ContainerTable& table, std::size_t number, std::uint64_t now_ns) {
  const std::string path = "/docker/" + id_of(number);
  return table.add(parse_cgroup_path(path), now_ns);
}

TEST(ContainerTable, AddsOnceAndFillsIn) {
  ContainerTable table;
  const SlotRef bare = add(table, 1, 5);
  EXPECT_EQ(add(table, 1, 9), bare);
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.get(bare)->id, id_of(1));
  EXPECT_EQ(table.get(bare)->runtime, "docker");
  EXPECT_EQ(table.get(bare)->first_seen_ns, 5U);
  EXPECT_EQ(table.get(bare)->pod_uid, "");
  const std::string path = "/kubepods/pod36b6d6be-73b1-065a-f369-b3985edafa09/" + id_of(1);
  EXPECT_EQ(table.add(parse_cgroup_path(path), 10), bare);
  EXPECT_EQ(table.get(bare)->pod_uid, "36b6d6be-73b1-065a-f369-b3985edafa09");
  EXPECT_EQ(table.find(id_of(1)), bare);
  EXPECT_TRUE(table.find(id_of(2)).empty());
}

TEST(ContainerTable, EndedOnesStaySixtySeconds) {
  ContainerTable table;
  const SlotRef ref = add(table, 1, 1);
  table.end(ref, 10 * kSecond);
  EXPECT_FALSE(table.get(ref)->live());
  EXPECT_EQ(table.live(), 0U);
  table.expire(70 * kSecond - 1);
  EXPECT_NE(table.get(ref), nullptr);
  table.expire(70 * kSecond);
  EXPECT_EQ(table.get(ref), nullptr);
  EXPECT_EQ(table.size(), 0U);
  // The slot is used again, the old reference stays void.
  const SlotRef next = add(table, 2, 71 * kSecond);
  EXPECT_EQ(next.slot, ref.slot);
  EXPECT_EQ(table.get(ref), nullptr);
  EXPECT_TRUE(table.get(next)->live());
  EXPECT_EQ(table.get(next)->pod_uid, "");
}

TEST(ContainerTable, RevivedOnesLive) {
  ContainerTable table;
  const SlotRef ref = add(table, 1, 1);
  table.get(ref)->start_told = true;
  table.end(ref, 10);
  table.revive(ref);
  EXPECT_TRUE(table.get(ref)->live());
  EXPECT_FALSE(table.get(ref)->start_told);
  table.expire(1000 * kSecond);
  EXPECT_NE(table.get(ref), nullptr);
}

TEST(ContainerTable, EvictsEndedOnesFirstThenTheLongestUnseen) {
  ContainerTable table(3);
  const SlotRef one = add(table, 1, 1);
  const SlotRef two = add(table, 2, 2);
  const SlotRef three = add(table, 3, 3);
  table.end(two, 4);
  const SlotRef four = add(table, 4, 5);
  EXPECT_EQ(table.get(two), nullptr);
  EXPECT_EQ(table.counters().evicted_ended, 1U);
  table.touch(one);
  add(table, 5, 6);
  EXPECT_NE(table.get(one), nullptr);
  EXPECT_EQ(table.get(three), nullptr);
  EXPECT_NE(table.get(four), nullptr);
  EXPECT_EQ(table.counters().evicted_live, 1U);
  EXPECT_EQ(table.size(), 3U);
  EXPECT_EQ(table.live(), 3U);
}

}  // namespace
}  // namespace bongsu
