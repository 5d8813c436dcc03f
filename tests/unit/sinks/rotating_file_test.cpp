// SPDX-License-Identifier: Apache-2.0
//
// Files on a real file system: what is in them after rotation, after others have touched them, after a disk that is
// full.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "sinks/dead_letter.h"
#include "sinks/file_channel.h"
#include "sinks/rotating_file.h"
#include "support/sink_support.h"
#include "support/test_folder.h"

namespace bongsu {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

// As a disk with so much room for each file: the kernel writes what fits, then refuses.
class NoRoomBeyond {
 public:
  explicit NoRoomBeyond(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &now), 0);
  }
  NoRoomBeyond(const NoRoomBeyond&) = delete;
  NoRoomBeyond& operator=(const NoRoomBeyond&) = delete;
  ~NoRoomBeyond() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

class File : public testing::Test {
 protected:
  std::unique_ptr<RotatingFile> open(RotatingFile::Options options = {}) {
    options.path = folder_.path("alerts");
    auto file = RotatingFile::open(std::move(options), clock_);
    EXPECT_TRUE(file) << file.error().to_string();
    return *std::move(file);
  }
  std::string refusal(const std::string& path) {
    RotatingFile::Options options;
    options.path = path;
    const auto file = RotatingFile::open(std::move(options), clock_);
    return file ? "" : file.error().to_string();
  }

  TestFolder folder_;
  HandClock clock_;
};

TEST_F(File, IsReadableByItsOwnerAndGroupAndIsAppendedTo) {
  folder_.write("alerts", "before\n");
  EXPECT_TRUE(open()->append("1\n2\n"));
  EXPECT_EQ(folder_.read("alerts"), "before\n1\n2\n");
  fs::remove(folder_.path("alerts"));
  const mode_t mask = ::umask(0);
  open();
  ::umask(mask);
  EXPECT_EQ(fs::status(folder_.path("alerts")).permissions(), fs::perms(0640));
}

TEST_F(File, IsMovedAsideBeforeItIsTooLargeAndTheOldestGoes) {
  const auto file = open({.path = "", .max_bytes = 8, .keep = 2});
  for (const char* line : {"aaa\n", "bbb\n", "ccc\n", "ddddddddddddd\n", "e\n", "f\n"}) {
    EXPECT_TRUE(file->append(line));
  }
  EXPECT_EQ(folder_.read("alerts"), "e\nf\n");
  EXPECT_EQ(folder_.read("alerts.1"), "ddddddddddddd\n");  // larger than a file may be, so alone
  EXPECT_EQ(folder_.read("alerts.2"), "ccc\n");
  EXPECT_FALSE(folder_.has("alerts.3"));
}

TEST_F(File, KeepsNoneWhereNoneIsWanted) {
  const auto file = open({.path = "", .max_bytes = 4, .keep = 0});
  EXPECT_TRUE(file->append("aaa\n"));
  EXPECT_TRUE(file->append("bbb\n"));
  EXPECT_EQ(folder_.read("alerts"), "bbb\n");
  EXPECT_FALSE(folder_.has("alerts.1"));
}

TEST_F(File, IsMovedAsideWhenItIsOldAlsoAfterARestart) {
  clock_.now = SystemClock().wall_ns();
  const RotatingFile::Options options{.path = "", .max_age_ns = 3'600'000'000'000};
  EXPECT_TRUE(open(options)->append("old\n"));
  const auto file = open(options);
  EXPECT_TRUE(file->append("still\n"));
  clock_.now += options.max_age_ns + 1'000'000'000;
  EXPECT_TRUE(file->append("new\n"));
  EXPECT_EQ(folder_.read("alerts"), "new\n");
  EXPECT_EQ(folder_.read("alerts.1"), "old\nstill\n");
}

TEST_F(File, FollowsWhoeverMovesOrRemovesOrEmptiesIt) {
  const auto file = open();
  EXPECT_TRUE(file->append("1\n"));
  fs::rename(folder_.path("alerts"), folder_.path("moved"));
  EXPECT_TRUE(file->append("2\n"));
  EXPECT_EQ(folder_.read("moved"), "1\n");
  EXPECT_EQ(folder_.read("alerts"), "2\n");
  fs::remove(folder_.path("alerts"));
  EXPECT_TRUE(file->append("3\n"));
  EXPECT_EQ(folder_.read("alerts"), "3\n");
  fs::resize_file(folder_.path("alerts"), 0);
  EXPECT_TRUE(file->append("4\n"));
  EXPECT_EQ(folder_.read("alerts"), "4\n");
}

TEST_F(File, EndsTheHalfLineOfAProcessThatWasKilled) {
  folder_.write("alerts", "whole\n{\"hal");
  EXPECT_TRUE(open()->append("next\n"));
  EXPECT_EQ(folder_.read("alerts"), "whole\n{\"hal\nnext\n");
}

TEST_F(File, HasNoneOfWhatDidNotFitAndAllOfItLater) {
  const auto file = open();
  EXPECT_TRUE(file->append("aaaa\n"));
  {
    const NoRoomBeyond full(12);
    const Status status = file->append("bbbb\ncccc\n");
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().to_string(), HasSubstr("cannot write to " + folder_.path("alerts")));
    EXPECT_EQ(folder_.read("alerts"), "aaaa\n");
    EXPECT_TRUE(file->append("d\n"));  // there is room for this one
  }
  EXPECT_TRUE(file->append("bbbb\ncccc\n"));
  EXPECT_EQ(folder_.read("alerts"), "aaaa\nd\nbbbb\ncccc\n");
}

TEST_F(File, WaitsForTheDiskInEveryWay) {
  for (const auto sync : {RotatingFile::Sync::never, RotatingFile::Sync::interval, RotatingFile::Sync::always}) {
    const auto file = open({.path = "", .max_bytes = 6, .sync = sync});
    for (int i = 0; i < 10; ++i) {
      EXPECT_TRUE(file->append("line\n"));
    }
  }
  EXPECT_EQ(folder_.read("alerts"), "line\n");
  EXPECT_EQ(folder_.read("alerts.1"), "line\n");
}

TEST_F(File, RefusesWhatIsNoPlainFileAndSaysWhichDirectoryIsMissing) {
  folder_.write("real", "");
  fs::create_symlink(folder_.path("real"), folder_.path("link"));
  ASSERT_EQ(::mkfifo(folder_.path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(refusal(folder_.path("link")), folder_.path("link") + ": a symbolic link: name the file itself");
  EXPECT_THAT(refusal(folder_.path("fifo")), HasSubstr("not a plain file"));
  EXPECT_THAT(refusal(folder_.path()), HasSubstr("directory"));
  EXPECT_EQ(refusal(folder_.path("none/alerts")), folder_.path("none/alerts") + ": there is no directory " +
                                                      folder_.path("none/") + ": make it, or name another");
}

TEST_F(File, RefusesASecondNameInADirectoryThatEverybodyMayWriteTo) {
  folder_.write("precious", "");
  fs::create_hard_link(folder_.path("precious"), folder_.path("alerts"));
  EXPECT_EQ(refusal(folder_.path("alerts")), "");
  fs::permissions(folder_.path(), fs::perms(01777));
  EXPECT_THAT(refusal(folder_.path("alerts")), HasSubstr("somebody else's"));
  EXPECT_EQ(refusal(folder_.path("fresh")), "");
}

TEST_F(File, ChannelWritesALineForEachAlertAndTriesAgainWhenTheDiskIsFull) {
  FileChannel channel(open());
  const std::vector alerts = {make_alert("1"), make_alert("2")};
  {
    const NoRoomBeyond full(12);
    const Attempt attempt = channel.send(alerts);
    EXPECT_EQ(attempt.outcome, Attempt::Outcome::retry);
    EXPECT_THAT(attempt.reason, HasSubstr("cannot write"));
  }
  EXPECT_EQ(channel.send(alerts).outcome, Attempt::Outcome::delivered);
  EXPECT_EQ(folder_.read("alerts"), "{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
  channel.interrupt();
  EXPECT_EQ(channel.send(alerts).outcome, Attempt::Outcome::retry);
  EXPECT_EQ(channel.send(alerts).reason, "");
}

TEST_F(File, DeadLettersSayWhenWhoseAndWhy) {
  const auto letters = DeadLetter::open(folder_.path("dead"), 4096, clock_);
  ASSERT_TRUE(letters) << letters.error().to_string();
  clock_.now = 1'500'000'000;
  EXPECT_TRUE((*letters)->add("soc", "HTTP \"400\"", *make_alert("1")));
  EXPECT_EQ(folder_.read("dead"),
            R"({"@timestamp":"1970-01-01T00:00:01.500000000Z","sink":"soc","reason":"HTTP \"400\"","alert":{"id":"1"}})"
            "\n");
}

TEST_F(File, DeadLettersAreBoundedAndThoseLostCounted) {
  const auto letters = DeadLetter::open(folder_.path("dead"), 4096, clock_);
  ASSERT_TRUE(letters) << letters.error().to_string();
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE((*letters)->add("soc", "HTTP 400", *make_alert(std::to_string(i))));
  }
  EXPECT_LE(fs::file_size(folder_.path("dead")) + fs::file_size(folder_.path("dead.1")), 2 * 4096U);
  EXPECT_FALSE(folder_.has("dead.2"));
  EXPECT_THAT(folder_.read("dead"), HasSubstr(R"({"id":"999"})"));
  EXPECT_EQ((*letters)->lost(), 0U);
  EXPECT_FALSE((*letters)->add("soc", "HTTP 413", *make_alert(std::string(5000, 'x'))));
  EXPECT_EQ((*letters)->lost(), 1U);
}

}  // namespace
}  // namespace bongsu
