// SPDX-License-Identifier: Apache-2.0
//
// A log on disk of alerts that wait for one destination: a folder of its own, held by a lock. Each severity has its own
// files, which are only appended to, so that making room for the severe is removing a file of the others. All alerts
// are numbered, and `cursor` holds the number up to which all is settled.
//
// An alert is safe from the end of this program once append() has returned: it is in the kernel's hands. What the
// kernel has not written when the machine itself fails is lost, and the file ends before it.
//
// Not thread-safe but for SpoolFile, which any thread may read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "alert/alert.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace bongsu {

// One of its files; goes when nobody refers to it. Removing it from the folder is the spool's.
class SpoolFile {
 public:
  // Without a descriptor it is opened for each read: there may be many of them.
  SpoolFile(UniqueFd fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}

  // The alert that lies there. Fails when the disk does, or when it is no longer what was written.
  [[nodiscard]] Result<std::shared_ptr<const Alert>> read(std::uint64_t offset, std::size_t bytes) const;

 private:
  friend class Spool;
  UniqueFd fd_;
  std::filesystem::path path_;
  std::uint64_t bytes_ = 0;
  std::uint64_t first_ = 0;  // sequences
  std::uint64_t last_ = 0;
};

class Spool {
 public:
  struct Options {
    std::filesystem::path directory;  // made, with its parents, when it is not there
    std::uint64_t max_bytes = std::uint64_t{256} << 20;
    std::uint64_t file_bytes = 0;  // when a file is full; 0: a 64th of max_bytes, within 64 KiB and 64 MiB
  };

  // Where an alert lies.
  struct Place {
    std::uint64_t sequence = 0;
    std::shared_ptr<const SpoolFile> file;
    std::uint64_t offset = 0;
    std::size_t bytes = 0;
    Severity severity = Severity::info;
  };

  // Fails when the folder cannot be used, or another program uses it. `left`: what has not been settled, in order.
  [[nodiscard]] static Result<std::unique_ptr<Spool>> open(Options options, std::vector<Place>& left);

  // Fails when the disk does not take it; nothing has changed then. disk_full(): for want of room.
  [[nodiscard]] Result<Place> append(const Alert& alert);
  [[nodiscard]] bool disk_full() const { return disk_full_; }

  // Everything up to that number is settled: delivered, or given up. Files that hold nothing else go.
  Status settle(std::uint64_t sequence);

  // The oldest file of that severity besides those; null: there is none.
  [[nodiscard]] std::shared_ptr<const SpoolFile> oldest(
      Severity severity, std::span<const std::shared_ptr<const SpoolFile>> besides = {}) const;
  // Removes it, with what waits in it.
  void drop(Severity severity, const std::shared_ptr<const SpoolFile>& file);

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t max_bytes() const { return options_.max_bytes; }
  void set_max_bytes(std::uint64_t bytes) { options_.max_bytes = bytes; }  // of what comes from here on
  // Whether an alert of that size is within the bound; one that is larger than a file counts with its size.
  [[nodiscard]] bool has_room(const Alert& alert) const;
  // Of what open() found: bytes that were written and are no alert any more, and files that could not be read (they
  // stay where they are).
  [[nodiscard]] std::uint64_t damaged_bytes() const { return damaged_bytes_; }
  [[nodiscard]] std::size_t unreadable_files() const { return unreadable_files_; }

 private:
  using Files = std::deque<std::shared_ptr<SpoolFile>>;
  static constexpr std::size_t kSeverities = 5;

  Spool(Options options, UniqueFd lock) : options_(std::move(options)), lock_(std::move(lock)) {}
  [[nodiscard]] Status read_cursor();
  [[nodiscard]] Status read_files(std::vector<Place>& left);
  [[nodiscard]] Status read_file(const std::filesystem::path& path, Severity severity, std::vector<Place>& left);
  [[nodiscard]] Result<SpoolFile*> file_for(Severity severity);
  [[nodiscard]] Files& files_of(Severity severity) { return files_.at(static_cast<std::size_t>(severity) - 1); }
  void remove(Files& files, const Files::iterator& file);

  Options options_;
  UniqueFd lock_;
  UniqueFd cursor_;
  std::uint64_t cursor_writes_ = 0;
  std::array<Files, kSeverities> files_;  // the last one of each is written to, unless it is of an earlier program
  std::array<bool, kSeverities> writing_{};
  std::uint64_t next_ = 1;     // sequence
  std::uint64_t settled_ = 0;  // the same
  std::uint64_t bytes_ = 0;
  std::uint64_t damaged_bytes_ = 0;
  std::size_t unreadable_files_ = 0;
  bool disk_full_ = false;
  std::string buffer_;
};

}  // namespace bongsu
