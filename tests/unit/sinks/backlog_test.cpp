// SPDX-License-Identifier: Apache-2.0
#include "sinks/backlog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "support/sink_support.h"

namespace bongsu {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class BacklogInASpool : public testing::Test {
 protected:
  BacklogInASpool() : folder_(fs::temp_directory_path() / ("backlog-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  Backlog open(std::uint64_t max_bytes = 1 << 20, std::uint64_t file_bytes = 0, Backlog::Options memory = {}) {
    std::vector<Spool::Place> left;
    auto spool = Spool::open({.directory = folder_, .max_bytes = max_bytes, .file_bytes = file_bytes}, left);
    EXPECT_TRUE(spool) << spool.error().to_string();
    return {memory, clock_, *std::move(spool), std::move(left)};
  }
  static std::vector<std::string> take(Backlog& backlog, std::size_t most = 100) {
    std::vector<Backlog::Entry> taken;
    backlog.take(most, 1 << 20, taken);
    std::vector<std::string> ids;
    for (const Backlog::Entry& entry : taken) {
      const auto alert = entry.alert != nullptr ? Result<std::shared_ptr<const Alert>>(entry.alert)
                                                : entry.place.file->read(entry.place.offset, entry.place.bytes);
      ids.push_back(alert ? (*alert)->id : alert.error().message);
    }
    return ids;
  }

  fs::path folder_;
  HandClock clock_;
};

TEST_F(BacklogInASpool, ComesInTheOrderOfItsAlertsAcrossSeveritiesAndPrograms) {
  {
    Backlog backlog = open();
    backlog.push(make_alert("1", Severity::critical));
    backlog.push(make_alert("2", Severity::info));
    backlog.push(make_alert("3", Severity::critical));
    EXPECT_THAT(take(backlog, 1), ElementsAre("1"));
    backlog.settled();
  }
  Backlog backlog = open();
  EXPECT_EQ(backlog.alerts(), 2U);
  backlog.push(make_alert("4", Severity::info));
  EXPECT_THAT(take(backlog), ElementsAre("2", "3", "4"));
  EXPECT_TRUE(backlog.empty());
  EXPECT_EQ(backlog.bytes(), 0U);
}

TEST_F(BacklogInASpool, WhatIsTakenIsOnlyGoneWhenItIsSettled) {
  {
    Backlog backlog = open();
    backlog.push(make_alert("1"));
    backlog.push(make_alert("2"));
    EXPECT_THAT(take(backlog, 1), ElementsAre("1"));
  }
  Backlog backlog = open();
  EXPECT_THAT(take(backlog), ElementsAre("1", "2"));
}

TEST_F(BacklogInASpool, WhatIsPutBackComesFirstAgain) {
  Backlog backlog = open();
  for (const char* id : {"1", "2", "3"}) {
    backlog.push(make_alert(id, *id == '2' ? Severity::high : Severity::low));
  }
  std::vector<Backlog::Entry> taken;
  backlog.take(2, 1 << 20, taken);
  backlog.put_back(std::move(taken));
  EXPECT_EQ(backlog.alerts(), 3U);
  EXPECT_THAT(take(backlog), ElementsAre("1", "2", "3"));
}

TEST_F(BacklogInASpool, AtItsBoundTheOldestOfTheLowestSeverityGo) {
  Backlog backlog = open(4'000, 300);
  backlog.push(make_alert("severe", Severity::critical));
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(backlog.push(make_alert("low " + std::to_string(i), Severity::low)));
  }
  EXPECT_LE(backlog.spool()->bytes(), 4'000U);
  EXPECT_GT(backlog.counters().evicted, 20U);
  EXPECT_EQ(backlog.counters().evicted + backlog.alerts(), 101U);
  const auto left = take(backlog);
  EXPECT_EQ(left.front(), "severe");
  EXPECT_EQ(left.back(), "low 99");
}

TEST_F(BacklogInASpool, WhatIsLessSevereThanAllThatWaitsFindsNoRoomOnDisk) {
  Backlog backlog = open(2'000, 300, {.max_alerts = 2, .max_bytes = 1 << 20});
  while (backlog.spool()->has_room(*make_alert("h"))) {
    ASSERT_TRUE(backlog.push(make_alert("h", Severity::high)));
  }
  const std::size_t severe = backlog.alerts();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(backlog.push(make_alert("l", Severity::low))) << "in memory, where two find room";
  }
  EXPECT_FALSE(backlog.push(make_alert("i", Severity::info))) << "nothing there is less severe";
  EXPECT_EQ(backlog.counters().evicted, 1U) << "none of the severe ones";
  EXPECT_EQ(backlog.alerts(), severe + 2);
  EXPECT_EQ(backlog.counters().unspooled, 3U);
}

TEST_F(BacklogInASpool, WhatIsBeingSentDoesNotKeepItsSeverityFromMakingRoom) {
  Backlog backlog = open(4'000, 300);
  ASSERT_TRUE(backlog.push(make_alert("in flight", Severity::medium)));
  EXPECT_THAT(take(backlog, 1), ElementsAre("in flight"));
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(backlog.push(make_alert("medium " + std::to_string(i), Severity::medium)));
  }
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(backlog.push(make_alert("critical " + std::to_string(i), Severity::critical)));
  }
  EXPECT_EQ(backlog.counters().unspooled, 0U);
  EXPECT_LE(backlog.spool()->bytes(), 4'000U);
  const auto left = take(backlog);
  EXPECT_EQ(std::ranges::count_if(left, [](const std::string& id) { return id.starts_with("critical"); }), 5);
  EXPECT_EQ(left.size() + backlog.counters().evicted, 55U);
}

TEST_F(BacklogInASpool, InMemoryAloneTheLeastSevereGoFirstToo) {
  Backlog backlog = open(1 << 20, 0, {.max_alerts = 3, .max_bytes = 1 << 20});
  fs::remove_all(folder_);
  for (const char* id : {"info 1", "info 2", "info 3"}) {
    ASSERT_TRUE(backlog.push(make_alert(id, Severity::info)));
  }
  EXPECT_TRUE(backlog.push(make_alert("critical", Severity::critical)));
  EXPECT_EQ(backlog.counters().evicted, 1U);
  EXPECT_THAT(take(backlog), ElementsAre("info 2", "info 3", "critical"));
}

TEST_F(BacklogInASpool, ADiskThatFailsCostsNothingThatWaitsOnIt) {
  Backlog backlog = open(1 << 20, 200);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(backlog.push(make_alert(std::to_string(i))));
  }
  const std::uint64_t before = backlog.spool()->bytes();
  fs::rename(folder_, folder_.string() + "-away");
  for (int i = 0; i < 3; ++i) {
    clock_.now += Backlog::kRestNs + 1;
    EXPECT_TRUE(backlog.push(make_alert("later", Severity::critical)));
  }
  EXPECT_EQ(backlog.spool()->bytes(), before);
  EXPECT_EQ(backlog.counters().evicted, 0U);
  EXPECT_NE(backlog.resting(), "");
  fs::remove_all(folder_.string() + "-away");
}

TEST_F(BacklogInASpool, HoldsFewCopiesInMemory) {
  Backlog backlog = open(64 << 20);
  auto large = std::make_shared<Alert>(*make_alert("x"));
  large->json = std::string(100'000, 'x');
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(backlog.push(large));
  }
  const std::weak_ptr<const Alert> alive = large;
  EXPECT_LT(static_cast<std::size_t>(alive.use_count()) * large->bytes(), Backlog::kCopiesBytes + large->bytes() * 2);
  EXPECT_EQ(take(backlog, 200).size(), 10U) << "as many as go into one batch of a megabyte";
}

TEST_F(BacklogInASpool, WhatIsNotSettledForADiskThatFailsWaitsInMemoryAndIsCounted) {
  Backlog backlog = open();
  fs::remove_all(folder_);  // no file can be made there any more
  EXPECT_TRUE(backlog.push(make_alert("1")));
  EXPECT_EQ(backlog.counters().unspooled, 1U);
  EXPECT_EQ(backlog.in_memory_alone(), 1U);
  EXPECT_THAT(backlog.take_failure(), testing::HasSubstr("No such file or directory"));
  EXPECT_THAT(backlog.take_failure(), IsEmpty());
  fs::create_directories(folder_);
  EXPECT_TRUE(backlog.push(make_alert("2")));
  EXPECT_EQ(backlog.counters().unspooled, 2U) << "the disk is left alone for a while";
  clock_.now += Backlog::kRestNs + 1;
  EXPECT_TRUE(backlog.push(make_alert("3")));
  EXPECT_EQ(backlog.counters().unspooled, 2U);
  EXPECT_THAT(take(backlog), ElementsAre("1", "2", "3"));
}

}  // namespace
}  // namespace bongsu
