// SPDX-License-Identifier: Apache-2.0
//
// What is recorded comes out again, event by event; whatever becomes of the file, a replay ends with a word why.
#include "recording/replay.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <random>
#include <thread>

#include "base/unique_fd.h"
#include "unit/recording/recording_testing.h"

namespace bongsu {
namespace {

using test::read_file;
using test::recorder_at;
using test::replay;
using testing::HasSubstr;
using testing::IsEmpty;

Recorder::Options at(const std::filesystem::path& path) {
  Recorder::Options options;
  options.path = path;
  return options;
}

Recorder::Options over(const std::filesystem::path& path) {
  Recorder::Options options = at(path);
  options.replace = true;
  return options;
}

Recorder::Options limited(std::int64_t max_bytes) {
  Recorder::Options options;
  options.max_bytes = max_bytes;
  return options;
}

class Recording : public testing::Test {
 protected:
  // A finished one; what it was made of.
  std::vector<std::string> make(int programs = 3) {
    const auto recorder = recorder_at(path_);
    auto lines = test::record_run(*recorder, programs);
    EXPECT_TRUE(recorder->finish(4, test::soon()));
    EXPECT_FALSE(recorder->take_failure());
    return lines;
  }
  test::Folder folder_;
  std::filesystem::path path_ = folder_ / "run.rec";
};

TEST_F(Recording, GivesTheSameEvents) {
  const auto lines = make();
  EXPECT_THAT(lines.front(), HasSubstr(test::kContainer)) << "the run itself is not what it should be";
  EXPECT_THAT(lines.front(), HasSubstr("old"));
  const auto again = replay(path_);
  EXPECT_EQ(again.lines, lines);
  EXPECT_EQ(again.summary.records, 10U);
  EXPECT_EQ(again.summary.events, lines.size());
  EXPECT_EQ(again.summary.lost_events, 4U);
  EXPECT_EQ(again.summary.unanswered, 0U);
  EXPECT_THAT(again.summary.broken, IsEmpty());
}

TEST_F(Recording, IsItsOwnersOnly) {
  make();
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Recording, TellsWhatCameBetweenTheRecords) {
  make();
  auto opened = Replay::open(path_);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ((*opened)->header().host_name, "node-1");
  std::vector<std::string> told;
  Replay::Handlers handlers;
  handlers.on_agent = [&](const AgentEvent& event, std::string_view kept_from) {
    told.push_back("agent " + std::to_string(event.value(FieldId::agent_count).integer()) + " " +
                   std::string(kept_from));
  };
  handlers.on_tick = [&](std::int64_t boot_ns, std::int64_t wall_ns) {
    told.push_back("tick " + std::to_string(boot_ns) + " " + std::to_string(wall_ns));
  };
  EXPECT_THAT((*opened)->run(handlers).broken, IsEmpty());
  EXPECT_THAT(told, testing::ElementsAre("agent 7 webhook-1", "tick 9 10"));
}

TEST_F(Recording, KeepsAllThatTheMonitorSaysOfItself) {
  const AgentEvent::Facts flood{.host_name = "node-1",
                                .wall_ns = 5,
                                .event = "open",
                                .reason = "rate",
                                .count = 9,
                                .container_id = "c1",
                                .container_runtime = "containerd",
                                .container_name = "nginx",
                                .pod_namespace = "shop",
                                .pod_name = "web-1",
                                .pod_uid = "u1"};
  const AgentEvent::Facts gap{.reason = "stopped", .gap_start_ns = 3, .gap_end_ns = 4};
  const auto recorder = recorder_at(path_);
  recorder->begin({});
  recorder->agent(EventType::flood, flood, "");
  recorder->agent(EventType::gap, gap, "");
  EXPECT_TRUE(recorder->finish(0, test::soon()));
  EXPECT_THAT(replay(path_).lines, testing::ElementsAre(test::line_of(AgentEvent(EventType::flood, flood)),
                                                        test::line_of(AgentEvent(EventType::gap, gap))));
}

TEST_F(Recording, IsReadAsFarAsItGoesWhileItIsMade) {
  const auto recorder = recorder_at(path_);
  const auto lines = test::record_run(*recorder);
  const auto deadline = test::soon();
  test::Replayed so_far;
  while (so_far.lines.size() < lines.size() && std::chrono::steady_clock::now() < deadline) {
    if (Replay::open(path_)) {
      so_far = replay(path_);
    }
  }
  EXPECT_EQ(so_far.lines, lines);
  EXPECT_THAT(so_far.summary.broken, HasSubstr("breaks off"));
}

TEST_F(Recording, CutAnywhereGivesWhatIsBeforeTheCut) {
  const auto lines = make(40);
  const std::string whole = read_file(path_);
  std::size_t most = 0;
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    test::write_file(path_, std::string_view(whole).substr(0, size));
    if (!Replay::open(path_)) {
      continue;  // before the end of the header
    }
    const auto part = replay(path_);
    ASSERT_LE(part.lines.size(), lines.size());
    ASSERT_TRUE(std::equal(part.lines.begin(), part.lines.end(), lines.begin())) << "cut at " << size;
    ASSERT_THAT(part.summary.broken, Not(IsEmpty())) << "cut at " << size;
    most = std::max(most, part.lines.size());
  }
  EXPECT_EQ(most, lines.size()) << "the last bytes are a checksum";
}

TEST_F(Recording, OfGarbageNeitherCrashesNorPassesForWhole) {
  make(40);
  const std::string whole = read_file(path_);
  std::mt19937 random(5);  // NOLINT(bugprone-random-generator-seed): the same garbage each time
  std::size_t refused = 0;
  for (int i = 0; i < 500; ++i) {
    std::string bad = whole;
    for (int times = 0; times < 3; ++times) {
      bad[random() % bad.size()] = static_cast<char>(random());
    }
    test::write_file(path_, bad);
    if (!Replay::open(path_)) {
      ++refused;
      continue;
    }
    refused += replay(path_).summary.broken.empty() ? 0U : 1U;
  }
  EXPECT_GE(refused, 490U) << "a byte may be changed to what it was";
}

TEST_F(Recording, RefusesWhatItDoesNotKnow) {
  make();
  const std::string whole = read_file(path_);
  test::write_file(path_, "{\"rules\":[]}");
  EXPECT_THAT(Replay::open(path_).error().to_string(), HasSubstr("is no recording"));
  test::write_file(path_, "");
  EXPECT_THAT(Replay::open(path_).error().to_string(), HasSubstr("is no recording"));
  std::string other = whole;
  other[kRecordingMagic.size()] = 9;
  test::write_file(path_, other);
  EXPECT_THAT(Replay::open(path_).error().to_string(), HasSubstr("is a recording of format 9"));
  EXPECT_THAT(Replay::open(folder_ / "none").error().to_string(), HasSubstr("No such file"));
}

TEST_F(Recording, IsNotMadeOverAnotherFile) {
  make();
  EXPECT_THAT(Recorder::create(at(path_)).error().to_string(), HasSubstr("is there already"));
  EXPECT_NE(read_file(path_), "");
  EXPECT_TRUE(Recorder::create(over(path_)).has_value());
  EXPECT_THAT(Recorder::create(at(folder_ / "no/such/folder")).error().to_string(), HasSubstr("cannot write"));
}

TEST_F(Recording, NeverGetsLargerThanItMay) {
  const auto recorder = recorder_at(path_, limited(Recorder::kLeastMaxBytes));
  std::mt19937 random(7);  // NOLINT(bugprone-random-generator-seed): as incompressible as any
  test::record_run(*recorder);
  std::optional<Error> failure;
  for (int i = 0; i < 100'000 && !failure; ++i) {
    std::string noise(4000, '\0');
    std::ranges::generate(noise, [&] { return static_cast<char>(random() | 1U); });
    recorder->record(test::RecordBuilder::exec({7, 7}).blob_args(noise).record().bytes());
    recorder->tick(i, i);
    failure = recorder->take_failure();
  }
  ASSERT_TRUE(failure.has_value());
  EXPECT_THAT(failure->to_string(), HasSubstr("as large as it may be"));
  EXPECT_FALSE(recorder->take_failure()) << "told once";
  EXPECT_TRUE(recorder->finish(0, test::soon()));
  EXPECT_LE(std::filesystem::file_size(path_), static_cast<std::uintmax_t>(Recorder::kLeastMaxBytes));
  EXPECT_GT(std::filesystem::file_size(path_), static_cast<std::uintmax_t>(Recorder::kLeastMaxBytes) / 2);
  const auto again = replay(path_);
  EXPECT_TRUE(again.summary.limit);
  EXPECT_THAT(again.summary.broken, IsEmpty());
  EXPECT_GT(again.summary.records, 100U);
}

// A pipe that nobody reads stands for a disk that hangs, one without a reader for a disk that fails.
class RecordingIntoAPipe : public Recording {
 protected:
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }  // as the program does
  void SetUp() override {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    reader_ = UniqueFd(::open(path_.c_str(), O_RDONLY | O_NONBLOCK));
    ASSERT_TRUE(reader_);
    recorder_ = recorder_at(path_, over(path_));
    test::record_run(*recorder_);
  }
  // One record that does not compress.
  void record_noise() {
    std::string noise(8000, '\0');
    std::ranges::generate(noise, [this] { return static_cast<char>(random_() | 1U); });
    recorder_->record(test::RecordBuilder::exec({7, 7}).blob_args(noise).record().bytes());
  }
  UniqueFd reader_;
  std::unique_ptr<Recorder> recorder_;
  std::mt19937 random_{9};  // NOLINT(bugprone-random-generator-seed): the same noise each time
};

TEST_F(RecordingIntoAPipe, ThatHangsCountsWhatThereIsNoRoomFor) {
  for (int i = 0; i < 100'000 && recorder_->totals().lost_frames == 0; ++i) {
    record_noise();
  }
  EXPECT_GT(recorder_->totals().lost_frames, 0U);
  EXPECT_FALSE(recorder_->finish(0, std::chrono::steady_clock::now())) << "and it does not wait for the disk";
}

// Block after block is lost, and with them what told of the ones before.
TEST_F(RecordingIntoAPipe, ThatGoesOnTellsOfAllThatWasLost) {
  std::uint64_t first = 0;
  for (int i = 0; i < 100'000 && (first == 0 || recorder_->totals().lost_frames < 4 * first); ++i) {
    record_noise();
    first = first == 0 ? recorder_->totals().lost_frames : first;
  }
  ASSERT_GE(recorder_->totals().lost_frames, 4 * first);
  const std::filesystem::path copy = folder_ / "copy.rec";
  ASSERT_EQ(::fcntl(reader_.get(), F_SETFL, 0), 0);  // from here on it waits
  std::thread reader([&] {
    std::ofstream out(copy, std::ios::binary);
    std::array<char, 65536> block{};
    for (ssize_t got = 0; (got = ::read(reader_.get(), block.data(), block.size())) > 0;) {
      out.write(block.data(), got);
    }
  });
  EXPECT_TRUE(recorder_->finish(0, test::soon()));
  const std::uint64_t lost = recorder_->totals().lost_frames;
  recorder_.reset();
  reader.join();
  auto replay = Replay::open(copy);
  ASSERT_TRUE(replay) << replay.error().to_string();
  EXPECT_EQ((*replay)->run({}).lost_frames, lost);
}

TEST_F(RecordingIntoAPipe, ThatFailsSaysSoOnce) {
  reader_.reset();
  std::optional<Error> failure;
  const auto deadline = test::soon();
  while (!failure && std::chrono::steady_clock::now() < deadline) {
    record_noise();
    recorder_->tick(1, 1);
    failure = recorder_->take_failure();
  }
  ASSERT_TRUE(failure.has_value());
  EXPECT_THAT(failure->to_string(), HasSubstr("cannot write"));
  record_noise();
  EXPECT_FALSE(recorder_->take_failure());
  EXPECT_TRUE(recorder_->finish(0, test::soon()));
}

TEST(RecordingOnAFullDisk, FailsAtOnce) {
  EXPECT_THAT(Recorder::create(over("/dev/full")).error().to_string(), HasSubstr("No space left"));
}

}  // namespace
}  // namespace bongsu
