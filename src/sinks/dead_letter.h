// SPDX-License-Identifier: Apache-2.0
//
// Alerts that a destination refused for good, kept for people to look at: one line each with when, which destination,
// why, and the alert. Two files at most, PATH and the one before it, PATH.1. One thread; the count can be read by any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "alert/alert.h"
#include "base/clock.h"
#include "base/result.h"
#include "sinks/rotating_file.h"

namespace bongsu {

class DeadLetter {
 public:
  // Borrows the clock. `max_bytes` is the bound of each of the two files.
  [[nodiscard]] static Result<std::unique_ptr<DeadLetter>> open(const std::string& path, std::uint64_t max_bytes,
                                                                const Clock& clock);

  // {"@timestamp": now, "sink": ..., "reason": ..., "alert": {...}}. False: not written, and counted.
  bool add(std::string_view sink, std::string_view reason, const Alert& alert);

  // That could not be written: the disk is full, or the alert alone is larger than the file may be.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  DeadLetter(std::unique_ptr<RotatingFile> file, std::uint64_t max_bytes, const Clock& clock);

  const std::unique_ptr<RotatingFile> file_;
  const std::uint64_t max_bytes_;
  const Clock& clock_;
  std::atomic<std::uint64_t> lost_ = 0;
};

}  // namespace bongsu
