// SPDX-License-Identifier: Apache-2.0
#include "sinks/spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "sinks/spool_record.h"
#include "support/sink_support.h"

namespace bongsu {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

std::shared_ptr<const Alert> sized_alert(const std::string& id, Severity severity, std::size_t bytes) {
  auto alert = std::make_shared<Alert>(*make_alert(id, severity));
  alert->json = std::string(bytes, 'x');
  return alert;
}

TEST(SpoolRecord, GivesBackWhatAnAlertIs) {
  auto alert = std::make_shared<Alert>(*make_alert("id-1", Severity::critical, {"a", "b\xff"}));
  alert->time_ns = -5;
  std::string bytes;
  ASSERT_TRUE(append_spool_record(bytes, 77, *alert));
  const auto record = read_spool_record(bytes_of(bytes));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->sequence, 77U);
  EXPECT_EQ(record->bytes, bytes.size());
  EXPECT_EQ(record->alert->id, alert->id);
  EXPECT_EQ(record->alert->time_ns, -5);
  EXPECT_EQ(record->alert->severity, Severity::critical);
  EXPECT_EQ(record->alert->rule_id, alert->rule_id);
  EXPECT_EQ(record->alert->tags, alert->tags);
  EXPECT_EQ(record->alert->json, alert->json);
}

TEST(SpoolRecord, NoFlippedBitAndNoShorterEndPasses) {
  std::string bytes;
  ASSERT_TRUE(append_spool_record(bytes, 1, *make_alert("1")));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(read_spool_record(bytes_of(damaged))) << bit;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(read_spool_record(bytes_of(bytes).first(size))) << size;
  }
}

TEST(SpoolRecord, DamageInTheMiddleCostsWhatItHits) {
  std::string bytes;
  std::vector<std::size_t> ends;
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(append_spool_record(bytes, static_cast<std::uint64_t>(i), *make_alert(std::to_string(i))));
    ends.push_back(bytes.size());
  }
  bytes[ends[0] + 30] ^= 1;
  bytes.resize(bytes.size() + 10, 'B');  // and one that was being written
  std::vector<std::uint64_t> found;
  const std::size_t damaged =
      scan_spool(bytes_of(bytes), [&](const SpoolRecord& record) { found.push_back(record.sequence); });
  EXPECT_THAT(found, ElementsAre(1, 3));
  EXPECT_EQ(damaged, ends[1] - ends[0]);
}

class SpoolFolder : public testing::Test {
 protected:
  SpoolFolder() : folder_(fs::temp_directory_path() / ("spool-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  Result<std::unique_ptr<Spool>> open(std::uint64_t max_bytes = 1 << 20, std::uint64_t file_bytes = 0) {
    left_.clear();
    return Spool::open({.directory = folder_, .max_bytes = max_bytes, .file_bytes = file_bytes}, left_);
  }
  // What waits in it, as a new program finds it.
  std::vector<std::string> ids() {
    std::vector<std::string> ids;
    for (const Spool::Place& place : left_) {
      const auto alert = place.file->read(place.offset, place.bytes);
      ids.push_back(alert ? (*alert)->id : alert.error().message);
    }
    return ids;
  }
  std::size_t files() {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      count += entry.path().extension() == ".log" ? 1U : 0U;
    }
    return count;
  }

  fs::path folder_;
  std::vector<Spool::Place> left_;
};

TEST_F(SpoolFolder, GivesTheNextProgramWhatIsNotSettledInOrder) {
  {
    auto spool = open();
    ASSERT_TRUE(spool) << spool.error().to_string();
    EXPECT_THAT(ids(), IsEmpty());
    std::uint64_t second = 0;
    for (const auto& [id, severity] :
         {std::pair{"1", Severity::low}, {"2", Severity::critical}, {"3", Severity::low}, {"4", Severity::info}}) {
      const auto place = (*spool)->append(*make_alert(id, severity));
      ASSERT_TRUE(place) << place.error().to_string();
      second = std::string(id) == "2" ? place->sequence : second;
    }
    EXPECT_TRUE((*spool)->settle(second));
  }
  auto again = open();
  ASSERT_TRUE(again);
  EXPECT_THAT(ids(), ElementsAre("3", "4"));
  EXPECT_EQ(left_[0].severity, Severity::low);
  const auto next = (*again)->append(*make_alert("5", Severity::low));
  ASSERT_TRUE(next);
  EXPECT_GT(next->sequence, left_[1].sequence);
}

TEST_F(SpoolFolder, KilledAtAnyPointItOpensWithAllThatWasAccepted) {
  // The child accepts alerts and says so after each, until it is killed.
  for (int round = 0; round < 20; ++round) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      std::vector<Spool::Place> left;
      auto spool = Spool::open({.directory = folder_, .max_bytes = 1 << 22, .file_bytes = 4096}, left);
      const auto first = static_cast<unsigned>(left.size());
      for (unsigned i = first; spool; ++i) {
        if (!(*spool)->append(*make_alert(std::to_string(i), Severity::high)) ||
            ::write(ends[1], &i, sizeof i) != sizeof i) {
          break;
        }
      }
      ::_exit(1);
    }
    ::close(ends[1]);
    unsigned accepted = 0;
    for (int i = 0; i < 20 + 7 * round; ++i) {
      ASSERT_EQ(::read(ends[0], &accepted, sizeof accepted), static_cast<ssize_t>(sizeof accepted));
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    while (::read(ends[0], &accepted, sizeof accepted) == static_cast<ssize_t>(sizeof accepted)) {
    }
    ::close(ends[0]);
    auto spool = open(1 << 22);
    ASSERT_TRUE(spool) << spool.error().to_string();
    const std::vector<std::string> found = ids();
    ASSERT_GE(found.size(), accepted + 1) << round;
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i], std::to_string(i)) << round;
    }
  }
}

TEST_F(SpoolFolder, FilesThatAreSettledGo) {
  auto spool = open(1 << 20, 200);
  ASSERT_TRUE(spool);
  std::uint64_t last = 0;
  for (int i = 0; i < 50; ++i) {
    last = (*spool)->append(*make_alert(std::to_string(i)))->sequence;
  }
  EXPECT_GT(files(), 10U);
  EXPECT_TRUE((*spool)->settle(last));
  EXPECT_LE(files(), 1U);
  EXPECT_LT((*spool)->bytes(), 400U);
}

TEST_F(SpoolFolder, OneProgramAtATime) {
  auto spool = open();
  ASSERT_TRUE(spool);
  auto second = open();
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().to_string(), HasSubstr("another program uses it: give each its own directory"));
}

TEST_F(SpoolFolder, SaysWhatItCannotUse) {
  std::ofstream(folder_) << "a file";
  const auto spool = open();
  ASSERT_FALSE(spool);
  EXPECT_THAT(spool.error().to_string(), HasSubstr(folder_.string()));
}

TEST_F(SpoolFolder, ADamagedCursorMeansDeliveringAgain) {
  {
    auto spool = open();
    const auto place = (*spool)->append(*make_alert("1"));
    ASSERT_TRUE((*spool)->settle(place->sequence));
    ASSERT_TRUE((*spool)->append(*make_alert("2")));
  }
  std::ofstream(folder_ / "cursor") << std::string(32, 'x');
  ASSERT_TRUE(open());
  EXPECT_THAT(ids(), ElementsAre("1", "2"));
}

TEST_F(SpoolFolder, AFullDiskIsSaidAndLeavesNoHalfRecord) {
  auto spool = open();
  ASSERT_TRUE((*spool)->append(*make_alert("1")));
  const std::uint64_t before = (*spool)->bytes();
  // A disk that takes a part of it: the process may write no larger files than that.
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  const rlimit small{.rlim_cur = before + 50, .rlim_max = old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto failed = (*spool)->append(*sized_alert("2", Severity::medium, 4'000));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  ASSERT_FALSE(failed);
  EXPECT_EQ((*spool)->bytes(), before);
  ASSERT_TRUE((*spool)->append(*make_alert("3")));
  spool->reset();
  ASSERT_TRUE(open());
  EXPECT_THAT(ids(), ElementsAre("1", "3"));
}

TEST_F(SpoolFolder, AFileThatCannotBeReadCostsWhatIsInIt) {
  {
    auto spool = open();
    ASSERT_TRUE((*spool)->append(*make_alert("1", Severity::low)));
    ASSERT_TRUE((*spool)->append(*make_alert("2", Severity::high)));
  }
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (entry.path().filename().string().starts_with("2-")) {
      fs::remove(entry.path());
      fs::create_directory(entry.path());
    }
  }
  auto spool = open();
  ASSERT_TRUE(spool) << spool.error().to_string();
  EXPECT_EQ((*spool)->unreadable_files(), 1U);
  EXPECT_THAT(ids(), ElementsAre("2"));
}

TEST_F(SpoolFolder, DamageAtTheEndIsSeenToo) {
  {
    auto spool = open();
    ASSERT_TRUE((*spool)->append(*make_alert("1")));
  }
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (entry.path().extension() == ".log") {
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(-1, std::ios::end);
      file.put('?');
    }
  }
  auto spool = open();
  ASSERT_TRUE(spool);
  EXPECT_GT((*spool)->damaged_bytes(), 0U);
  EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(SpoolFolder, DropsTheOldestFileOfASeverity) {
  auto spool = open(1 << 20, 200);
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE((*spool)->append(*make_alert(std::to_string(i), i % 2 == 0 ? Severity::low : Severity::high)));
  }
  ASSERT_NE((*spool)->oldest(Severity::low), nullptr);
  EXPECT_EQ((*spool)->oldest(Severity::info), nullptr);
  const std::uint64_t before = (*spool)->bytes();
  (*spool)->drop(Severity::low, (*spool)->oldest(Severity::low));
  EXPECT_LT((*spool)->bytes(), before);
  spool->reset();
  ASSERT_TRUE(open());
  const auto left = ids();
  EXPECT_THAT(left, testing::IsSupersetOf({"1", "3", "5"}));
  EXPECT_THAT(left, testing::Not(testing::Contains("0")));
}

}  // namespace
}  // namespace bongsu
