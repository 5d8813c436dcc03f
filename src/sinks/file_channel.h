// SPDX-License-Identifier: Apache-2.0
//
// Alerts as JSON, one a line, appended to a file that rotates.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "sinks/channel.h"
#include "sinks/rotating_file.h"

namespace bongsu {

class FileChannel final : public Channel {
 public:
  explicit FileChannel(std::unique_ptr<RotatingFile> file) : file_(std::move(file)) {}

  // All of them or none; what goes wrong with a file may go well again, so nothing is rejected.
  [[nodiscard]] Attempt send(Alerts alerts) override;
  // Writing to a file cannot be ended, but ends by itself.
  void interrupt() override { interrupted_ = true; }

 private:
  const std::unique_ptr<RotatingFile> file_;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace bongsu
