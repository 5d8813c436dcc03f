// SPDX-License-Identifier: Apache-2.0
#include "cli/file_watch.h"

#include <gtest/gtest.h>
#include <stdlib.h>  // mkdtemp
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace bongsu {
namespace {

namespace fs = std::filesystem;

struct FileWatchTest : testing::Test {
  FileWatchTest() {
    std::string pattern = (fs::temp_directory_path() / "bongsu-watch-XXXXXX").string();
    root = ::mkdtemp(pattern.data());
    fs::create_directories(root / "rules/sub/.hidden");
    write("rules/a.json");
    write("rules/sub/b.json");
    write("one.json");
  }
  ~FileWatchTest() override { fs::remove_all(root); }
  FileWatchTest(const FileWatchTest&) = delete;
  FileWatchTest& operator=(const FileWatchTest&) = delete;

  void write(const std::string& name) const { std::ofstream(root / name) << "{}"; }

  // The kernel has queued an event before the call that caused it returns: nothing is waited for.
  static bool settled_change(FileWatch& watch) {
    const bool at_once = watch.changed();
    return !at_once && watch.changed() && !watch.changed();
  }
  static bool quiet(FileWatch& watch) { return !watch.changed() && !watch.changed(); }

  fs::path root;
};

TEST_F(FileWatchTest, FilesOfADirectoryAtAnyDepth) {
  FileWatch watch({root / "rules"});
  ASSERT_TRUE(watch.renew());
  EXPECT_TRUE(quiet(watch));
  write("rules/a.json");
  EXPECT_TRUE(settled_change(watch));
  write("rules/sub/new.json");
  EXPECT_TRUE(settled_change(watch));
  fs::remove(root / "rules/sub/b.json");
  EXPECT_TRUE(settled_change(watch));
  fs::rename(root / "rules/a.json", root / "rules/a.off");
  EXPECT_TRUE(settled_change(watch));
  fs::permissions(root / "rules/sub/new.json", fs::perms::none);
  EXPECT_TRUE(settled_change(watch));
}

TEST_F(FileWatchTest, WithoutADescriptorItTriesAgainAndThenAllMayHaveChanged) {
  FileWatch watch({root / "rules"});
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const bool watched = watch.renew().has_value();
  bool changed = false;
  for (int i = 0; i < 2 * FileWatch::kLooksToRenew; ++i) {
    changed = watch.changed() || changed;
  }
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
  EXPECT_FALSE(watched);
  EXPECT_FALSE(changed);
  for (int i = 0; i < FileWatch::kLooksToRenew; ++i) {
    changed = watch.changed() || changed;
  }
  EXPECT_TRUE(changed);
  EXPECT_TRUE(quiet(watch));
  write("rules/a.json");
  EXPECT_TRUE(settled_change(watch));
}

TEST_F(FileWatchTest, WhatIsNoRuleFileIsNoChange) {
  FileWatch watch({root / "rules/", root / "one.json"});
  ASSERT_TRUE(watch.renew());
  write("rules/notes.txt");
  write("rules/.a.json.swp");
  write("rules/sub/.hidden/c.json");
  write("another.json");
  EXPECT_TRUE(quiet(watch));
  std::string line;
  std::getline(std::ifstream(root / "rules/a.json"), line);
  EXPECT_TRUE(quiet(watch)) << "reading changes nothing";
}

TEST_F(FileWatchTest, AFileThatIsReplacedGoesOnBeingWatched) {
  FileWatch watch({root / "one.json"});
  ASSERT_TRUE(watch.renew());
  for (int i = 0; i < 3; ++i) {
    write("one.json.new");
    fs::rename(root / "one.json.new", root / "one.json");
    EXPECT_TRUE(settled_change(watch));
  }
}

TEST_F(FileWatchTest, AConfigMapsSwap) {
  const auto copy = [&](const std::string& name) {
    fs::create_directory(root / "rules" / name);
    write("rules/" + name + "/c.json");
    fs::create_symlink(name, root / "rules/..data_tmp");
    fs::rename(root / "rules/..data_tmp", root / "rules/..data");
  };
  copy("..2026_1");
  fs::create_symlink("..data/c.json", root / "rules/c.json");
  FileWatch directory({root / "rules"});
  FileWatch file({root / "rules/c.json"});
  ASSERT_TRUE(directory.renew());
  ASSERT_TRUE(file.renew());
  copy("..2026_2");
  EXPECT_TRUE(settled_change(directory));
  EXPECT_TRUE(settled_change(file));
  fs::remove_all(root / "rules/..2026_1");
  copy("..2026_3");
  EXPECT_TRUE(settled_change(directory));
  EXPECT_TRUE(settled_change(file));
}

TEST_F(FileWatchTest, APathThatAppearsOrIsReplacedWhole) {
  FileWatch watch({root / "later", root / "rules"});
  ASSERT_TRUE(watch.renew());
  fs::create_directory(root / "later");
  EXPECT_TRUE(settled_change(watch));
  ASSERT_TRUE(watch.renew());
  write("later/d.json");
  EXPECT_TRUE(settled_change(watch));
  fs::rename(root / "rules", root / "rules.old");
  EXPECT_TRUE(settled_change(watch));
}

TEST_F(FileWatchTest, ANewDirectoryIsSeenAndItsFilesAfterRenewal) {
  FileWatch watch({root / "rules"});
  ASSERT_TRUE(watch.renew());
  fs::create_directory(root / "rules/more");
  EXPECT_TRUE(settled_change(watch));
  ASSERT_TRUE(watch.renew());
  write("rules/more/e.json");
  EXPECT_TRUE(settled_change(watch));
}

TEST_F(FileWatchTest, AChangeThatGoesOnIsTakenInTheEnd) {
  FileWatch watch({root / "rules"});
  ASSERT_TRUE(watch.renew());
  int looks = 0;
  do {
    write("rules/a.json");
    ++looks;
  } while (!watch.changed() && looks < 100);
  EXPECT_EQ(looks, FileWatch::kMostLooks + 1);
}

}  // namespace
}  // namespace bongsu
