// SPDX-License-Identifier: Apache-2.0
#include "identity/pod_table.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "support/record_builder.h"

namespace bongsu {
namespace {

using test::kSecond;

PodChange pod(const std::string& uid, const std::string& name, std::string config_hash = {}) {
  PodChange change;
  change.facts.uid = uid;
  change.facts.name = name;
  change.facts.config_hash = std::move(config_hash);
  return change;
}

PodChange news(PodChange::Kind kind, const std::string& uid = {}) {
  PodChange change;
  change.kind = kind;
  change.facts.uid = uid;
  return change;
}

std::string name_of(const PodTable& table, const std::string& uid) {
  const PodFacts* facts = table.find(uid);
  return facts == nullptr ? "(none)" : facts->name;
}

TEST(PodTable, KnowsTheLastWord) {
  PodTable table;
  table.learn(pod("1", "one"), 1);
  table.learn(pod("2", "two"), 1);
  table.learn(pod("1", "uno"), 2);
  EXPECT_EQ(name_of(table, "1"), "uno");
  EXPECT_EQ(name_of(table, "2"), "two");
  EXPECT_EQ(name_of(table, ""), "(none)");
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table.counters().told, 3U);
}

TEST(PodTable, GoneOnesStaySixtySeconds) {
  PodTable table;
  table.learn(pod("1", "one"), 1);
  table.learn(news(PodChange::Kind::gone, "1"), 10 * kSecond);
  table.learn(news(PodChange::Kind::gone, "1"), 60 * kSecond);  // told again: it went when it went
  table.learn(news(PodChange::Kind::gone, "unknown"), 10 * kSecond);
  table.expire(70 * kSecond - 1);
  EXPECT_EQ(name_of(table, "1"), "one");
  table.expire(70 * kSecond);
  EXPECT_EQ(name_of(table, "1"), "(none)");
  EXPECT_EQ(table.size(), 0U);
}

TEST(PodTable, OneThatComesBackIsThere) {
  PodTable table;
  table.learn(pod("1", "one"), 1);
  table.learn(news(PodChange::Kind::gone, "1"), 1);
  table.learn(pod("1", "again"), 2);
  table.expire(1000 * kSecond);
  EXPECT_EQ(name_of(table, "1"), "again");
}

// The kubelet names a static pod by the hash of its manifest; the API server's mirror of it has a uid of its own.
TEST(PodTable, StaticPodsAreFoundByTheHashOfTheirManifest) {
  const std::string hash = "8b5c6e2f0d1a4b3c9e8f7a6b5c4d3e2f";
  PodTable table;
  table.learn(pod("mirror-1", "etcd", hash), 1);
  EXPECT_EQ(name_of(table, hash), "etcd");
  EXPECT_EQ(name_of(table, "mirror-1"), "etcd");
  // The mirror was deleted and made anew.
  table.learn(news(PodChange::Kind::gone, "mirror-1"), 2);
  table.learn(pod("mirror-2", "etcd-again", hash), 3);
  EXPECT_EQ(name_of(table, hash), "etcd-again");
  table.expire(1000 * kSecond);
  EXPECT_EQ(name_of(table, hash), "etcd-again");
  EXPECT_EQ(name_of(table, "mirror-1"), "(none)");
}

TEST(PodTable, MakesRoomOfGoneOnesFirst) {
  PodTable table(3);
  for (const char* uid : {"1", "2", "3"}) {
    table.learn(pod(uid, uid), 1);
  }
  table.learn(news(PodChange::Kind::gone, "2"), 1);
  table.learn(pod("4", "4"), 1);
  EXPECT_EQ(name_of(table, "2"), "(none)");
  EXPECT_EQ(table.counters().evicted_gone, 1U);
  table.learn(pod("1", "1"), 1);  // told again: 3 is the longest untold now
  table.learn(pod("5", "5"), 1);
  EXPECT_EQ(name_of(table, "3"), "(none)");
  EXPECT_EQ(name_of(table, "1"), "1");
  EXPECT_EQ(table.counters().evicted_known, 1U);
  EXPECT_EQ(table.size(), 3U);
}

TEST(PodTable, RemembersWhetherAllWasTold) {
  PodTable table;
  EXPECT_EQ(table.state(), PodTable::State::coming);
  table.learn(news(PodChange::Kind::synced), 1);
  EXPECT_EQ(table.state(), PodTable::State::synced);
  table.learn(news(PodChange::Kind::unsynced), 1);
  EXPECT_EQ(table.state(), PodTable::State::unsynced);
}

TEST(PodTable, EachPodIsBounded) {
  PodChange change = pod("1", "one");
  change.facts.labels = {{"app", "web"}};
  change.facts.owner_name = std::string(5000, 'x');
  change.facts.annotations.emplace_back("a", std::string(30'000, 'x'));
  for (int i = 0; i < 10'000; ++i) {
    change.facts.annotations.emplace_back("key-" + std::to_string(100'000 + i), "\x01");
  }
  PodTable table;
  table.learn(change, 1);
  EXPECT_EQ(table.counters().cut, 1U);
  const PodFacts* facts = table.find("1");
  ASSERT_NE(facts, nullptr);
  EXPECT_EQ(facts->labels, change.facts.labels);
  EXPECT_EQ(facts->owner_name, "");
  EXPECT_EQ(facts->annotations.front().first, "key-100000") << "the large one is left out, not what follows it";
  EXPECT_LT(facts->annotations.size(), 1000U);
  EXPECT_GT(facts->annotations.size(), 500U);
  EXPECT_EQ(bounded(bounded(change)).facts, bounded(change).facts);
  table.learn(pod("", "nobody"), 1);
  EXPECT_EQ(table.size(), 1U);
}

}  // namespace
}  // namespace bongsu
