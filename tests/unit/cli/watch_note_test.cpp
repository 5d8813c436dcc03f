// SPDX-License-Identifier: Apache-2.0
#include "cli/watch_note.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace bongsu {
namespace {

namespace fs = std::filesystem;

class WatchNoteTest : public ::testing::Test {
 protected:
  WatchNoteTest() : folder_(fs::temp_directory_path() / ("note-" + std::to_string(::getpid()))) {}
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(WatchNoteTest, TheNextOneReadsWhatTheLastOneWrote) {
  {
    auto note = WatchNote::open(folder_ / "state", "boot-a");
    ASSERT_TRUE(note);
    EXPECT_FALSE(note->left());
    ASSERT_TRUE(note->write(1'700'000'000'000'000'000, true));
    ASSERT_TRUE(note->write(5, false));
  }
  const auto next = WatchNote::open(folder_ / "state", "boot-b");
  ASSERT_TRUE(next);
  ASSERT_TRUE(next->left());
  EXPECT_EQ(next->left()->boot_id, "boot-a");
  EXPECT_EQ(next->left()->judged_until_ns, 5);
  EXPECT_FALSE(next->left()->ended);
}

TEST_F(WatchNoteTest, WhatIsNoNoteIsNone) {
  fs::create_directories(folder_);
  for (const char* text :
       {"", "{", "[]", "{\"boot_id\": 1}", R"({"boot_id":"a","judged_until_ns":"5","ended":true})"}) {
    std::ofstream(folder_ / "watch.json", std::ios::trunc) << text;
    const auto note = WatchNote::open(folder_, "b");
    ASSERT_TRUE(note) << text;
    EXPECT_FALSE(note->left()) << text;
  }
}

TEST_F(WatchNoteTest, AFolderThatCannotBeMadeIsAnError) {
  std::ofstream(folder_.string()) << "a file";
  EXPECT_FALSE(WatchNote::open(folder_ / "state", "b"));
}

TEST(GapReason, TellsHowTheOtherEnded) {
  EXPECT_EQ(gap_reason({.boot_id = "a", .judged_until_ns = 1, .ended = true}, "a"), "the monitor was stopped");
  EXPECT_EQ(gap_reason({.boot_id = "a", .judged_until_ns = 1, .ended = false}, "a"), "the monitor was killed");
  EXPECT_EQ(gap_reason({.boot_id = "b", .judged_until_ns = 1, .ended = true}, "a"), "the host was restarted");
}

}  // namespace
}  // namespace bongsu
