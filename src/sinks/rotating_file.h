// SPDX-License-Identifier: Apache-2.0
//
// A file that lines are appended to, and that is moved aside when it is large or old: PATH to PATH.1, that to PATH.2,
// ..., the oldest goes. Whoever moves or removes it (logrotate) gets no line lost: it is begun anew. Owns the
// descriptor. One thread.
//
// What is appended is there as a whole or not at all, unless the machine goes down. Where a process was killed in the
// middle of writing, half a line is left: that is ended with a newline before the next one, rather than cut off,
// because whoever follows the file has read it already.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sinks/late_sync.h"

namespace bongsu {

class RotatingFile {
 public:
  // When the disk is waited for: never, within a second, or before append() returns.
  enum class Sync : std::uint8_t { never, interval, always };
  struct Options {
    std::string path;                     // in a directory that is there
    std::uint64_t max_bytes = 64U << 20;  // what is appended at once is not divided, so one file may be larger
    std::int64_t max_age_ns = 0;          // since it was begun, looked at when something is appended; 0: any
    std::uint64_t keep = 1;               // of those moved aside
    Sync sync = Sync::interval;
  };
  // Makes the file where it is not there, readable by its owner and group. Symbolic links and whatever is not a plain
  // file are refused; in a directory that everybody may write to, so is a file of somebody else. Borrows the clock.
  [[nodiscard]] static Result<std::unique_ptr<RotatingFile>> open(Options options, const Clock& clock);
  RotatingFile(const RotatingFile&) = delete;
  RotatingFile& operator=(const RotatingFile&) = delete;
  ~RotatingFile() = default;  // waits for the disk, where it has to

  // Whole lines, each with its newline. Where it fails, nothing of them is in the file.
  [[nodiscard]] Status append(std::string_view lines);

 private:
  RotatingFile(Options options, const Clock& clock);

  [[nodiscard]] Status reopen();
  [[nodiscard]] Status follow();  // the file that PATH names now
  [[nodiscard]] Status rotate();
  [[nodiscard]] bool is_old() const;
  [[nodiscard]] Status write(std::string_view lines);
  void take_back(std::uint64_t size_before, std::uint64_t written);

  const Options options_;
  const Clock& clock_;
  std::shared_ptr<const UniqueFd> file_;  // null: the last attempt to open it failed
  struct stat identity_{};                // of file_, as it was opened
  std::int64_t begun_ns_ = 0;             // wall time
  bool torn_ = false;                     // it ends in the middle of a line
  LateSync late_sync_;
};

}  // namespace bongsu
