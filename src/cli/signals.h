// SPDX-License-Identifier: Apache-2.0
//
// SIGTERM, SIGINT and SIGHUP as something to read, so that they are handled between two records and nowhere else.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace bongsu {

class Signals {
 public:
  // Blocks the signals for this thread and all that it starts: call it before any thread is made.
  [[nodiscard]] static Result<Signals> block();

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool pending() const;
  // The next signal that came, or 0. Never waits.
  [[nodiscard]] int take() const;

 private:
  explicit Signals(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace bongsu
