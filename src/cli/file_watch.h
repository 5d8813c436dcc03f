// SPDX-License-Identifier: Apache-2.0
//
// Notices that files have changed, by inotify(7): rule files below the directories that were named, and the files that
// were, beside them. Directories are watched rather than files, so that what is replaced by a rename is seen: an
// editor's save, and the link ..data that a mounted ConfigMap swaps.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bongsu {

class FileWatch {
 public:
  // The paths need not exist: one that appears is a change.
  explicit FileWatch(std::vector<std::filesystem::path> paths) : paths_(std::move(paths)) {}

  // Watches what is there now. Call it before the files are read, first and each time: what changes while they are read
  // is then seen afterwards. Where it fails, or in part, the rest is watched all the same.
  [[nodiscard]] Status renew();

  // Asked once a tick, never waits. True when there was a change and it has settled: no further one since the last
  // look, or it has gone on for kMostLooks. Where there was no descriptor to watch with, that is tried again now and
  // then, and once it can be had, something may have changed meanwhile.
  [[nodiscard]] bool changed();

  static constexpr int kMostLooks = 10;
  static constexpr int kLooksToRenew = 10;
  static constexpr std::size_t kMostWatches = 1'024;

 private:
  // What is of interest in a watched directory.
  struct Watched {
    bool whole = false;           // a directory of rules: every rule file and folder in it
    std::set<std::string> names;  // files and directories that were named, in the directory beside them
  };

  void watch(const std::filesystem::path& path, bool whole, std::string name);
  void watch_below(const std::filesystem::path& path, std::size_t depth);
  [[nodiscard]] bool drain();
  [[nodiscard]] bool concerns(int watch, std::uint32_t mask, std::string_view name) const;

  std::vector<std::filesystem::path> paths_;
  UniqueFd inotify_;
  std::map<int, Watched> watched_;  // by watch descriptor
  Status status_;                   // of renew(): the first thing that failed
  int looks_ = 0;                   // since a change; 0: none
};

}  // namespace bongsu
