// SPDX-License-Identifier: Apache-2.0
//
// Waiting that another thread can end; passed in, so that tests do not wait.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace bongsu {

class Pause {
 public:
  Pause() = default;
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;
  virtual ~Pause() = default;
  virtual bool wait(std::chrono::nanoseconds time) = 0;  // false: stopped
  virtual void stop() = 0;                               // any thread, for good
};

class TimedPause final : public Pause {
 public:
  bool wait(std::chrono::nanoseconds time) override {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, time, [this] { return stopped_; });
  }
  void stop() override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
};

}  // namespace bongsu
