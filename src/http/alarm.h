// SPDX-License-Identifier: Apache-2.0
//
// Calls something at a time, from a thread of its own. For what can only be ended from outside: a read that is fed one
// byte before each of its time-outs never ends by itself.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace bongsu {

class Alarm {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `ring` is called with the alarm locked: it does not use it, and is quick. Throws std::system_error without a
  // thread.
  explicit Alarm(std::function<void()> ring) : ring_(std::move(ring)), thread_([this] { run(); }) {}
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void set(Time when) {
    const std::lock_guard lock(mutex_);
    when_ = when;
    rang_ = false;
    if (when < wakes_) {
      changed_.notify_all();
    }
  }
  // It does not ring any more. True: it had rung.
  bool clear() {
    const std::lock_guard lock(mutex_);
    when_.reset();
    return rang_;
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!ended_) {
      if (!when_) {
        wakes_ = Time::max();
        changed_.wait(lock);
      } else if (const Time when = *when_; std::chrono::steady_clock::now() < when) {
        wakes_ = when;
        changed_.wait_until(lock, when);  // a copy: the lock is released meanwhile
      } else {
        when_.reset();
        rang_ = true;
        ring_();
      }
    }
  }

  const std::function<void()> ring_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Time> when_;
  // When the thread looks next at the latest. It is not woken for a time after that, so that who sets the alarm for
  // each request of many wakes it once a time-out, not once a request.
  Time wakes_ = Time::min();
  bool rang_ = false;
  bool ended_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace bongsu
