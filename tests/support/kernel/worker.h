// SPDX-License-Identifier: Apache-2.0
//
// A process of a test's own that does what it is told, step by step: `work(step)` runs in it. It is told over a socket,
// so that besides the work it makes no call but send and recv. Owns the process: it ends when this goes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>

#include "base/unique_fd.h"

namespace bongsu::test {

class Worker {
 public:
  explicit Worker(const std::function<void(int step)>& work);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  [[nodiscard]] std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }
  void start(int step);  // does not wait
  // Whether the step that was started is done; false when it is not in 60 s, or the process is gone.
  [[nodiscard]] bool done();
  [[nodiscard]] bool step(int step) {
    start(step);
    return done();
  }
  void finish();

 private:
  pid_t pid_ = -1;
  UniqueFd socket_;
};

// In a worker.
void open_and_close(const char* path, int times = 1);
// Makes a process that does the work and ends; waits for it. Its id.
pid_t fork_and_wait(const std::function<void()>& work);

}  // namespace bongsu::test
