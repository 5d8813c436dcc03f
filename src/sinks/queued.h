// SPDX-License-Identifier: Apache-2.0
//
// A sink with a bounded queue and a thread of its own, which sends one alert after the other through a channel and
// tries again what the channel could not deliver. When the queue is full the newest alert is refused. Owns the channel.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "http/backoff.h"
#include "sinks/channel.h"
#include "sinks/failure_log.h"
#include "sinks/filter.h"
#include "sinks/sink.h"

namespace bongsu {

class QueuedSink final : public Sink {
 public:
  struct Options {
    std::string name;
    RetryPolicy retry;
    std::size_t max_alerts = 10'000;
    std::size_t max_bytes = std::size_t{64} << 20;
    FailureLog::Write log = FailureLog::to_log;
  };
  // Borrows clock and random.
  QueuedSink(Options options, std::unique_ptr<Channel> channel, const Clock& clock, Random& random);
  QueuedSink(const QueuedSink&) = delete;
  QueuedSink& operator=(const QueuedSink&) = delete;
  ~QueuedSink() override;  // what has not been drained is lost, counted and logged

  [[nodiscard]] std::string_view name() const override { return options_.name; }
  bool deliver(const std::shared_ptr<const Alert>& alert) override;
  bool drain(Deadline deadline) override;
  [[nodiscard]] SinkStats stats() const override;
  void set_filter(SinkFilter filter) override;

 private:
  struct Waiting {
    std::shared_ptr<const Alert> alert;
    std::int64_t since_ns;
  };

  void run();
  void pop();
  void count_delivered(std::int64_t since_ns);
  void report(const Attempt& attempt);
  // After an attempt, with the lock held: counts it, and waits where it is to be tried again. False: stop.
  bool settle(std::unique_lock<std::mutex>& lock, const Attempt& attempt, std::int64_t since_ns);

  const Options options_;
  const std::unique_ptr<Channel> channel_;
  const Clock& clock_;
  Random& random_;
  FailureLog failures_;  // the worker's

  mutable std::mutex mutex_;
  std::condition_variable wake_;      // the worker: something to do
  std::condition_variable finished_;  // drain(): the worker has ended
  std::deque<Waiting> queue_;         // the front is the one being sent
  SinkFilter filter_;                 // all alerts, until it is set
  SinkStats stats_;
  unsigned failures_in_a_row_ = 0;
  bool closed_ = false;   // takes nothing more
  bool expired_ = false;  // the deadline has passed: stop
  bool ended_ = false;    // the worker is gone
  std::thread worker_;    // last: everything above is there before it runs
};

}  // namespace bongsu
