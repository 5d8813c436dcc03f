// SPDX-License-Identifier: Apache-2.0
//
// A sink with a backlog and a thread of its own, which sends what waits through a channel, one batch after the other,
// and tries again what the channel could not deliver. Owns the channel.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "http/backoff.h"
#include "sinks/backlog.h"
#include "sinks/channel.h"
#include "sinks/failure_log.h"
#include "sinks/filter.h"
#include "sinks/sink.h"

namespace bongsu {

class QueuedSink final : public Sink {
 public:
  struct Batch {
    std::size_t max_alerts = 1;
    std::size_t max_bytes = std::size_t{1} << 20;  // one alert always fits
    std::chrono::nanoseconds max_wait{0};          // for it to fill
  };
  struct Options {
    std::string name;
    RetryPolicy retry;
    Batch batch;
    std::size_t max_alerts = 10'000;  // in memory; in flight is one batch more
    std::size_t max_bytes = std::size_t{64} << 20;
    std::optional<Spool::Options> spool;
    // Takes an alert that the channel refuses for good; false: it could not be kept. Empty: it is lost. The worker's.
    std::function<bool(const Alert& alert, const std::string& reason)> keep_rejected;
    FailureLog::Write log = FailureLog::to_log;
  };
  // Borrows clock and random. Delivers nothing until start().
  QueuedSink(Options options, std::unique_ptr<Channel> channel, const Clock& clock, Random& random);
  QueuedSink(const QueuedSink&) = delete;
  QueuedSink& operator=(const QueuedSink&) = delete;
  ~QueuedSink() override;  // what has not been drained and is in no spool is lost, counted and logged

  [[nodiscard]] std::string_view name() const override { return options_.name; }
  void start(std::unique_ptr<Backlog> inherited) override;
  [[nodiscard]] std::unique_ptr<Backlog> hand_over() override;
  bool deliver(const std::shared_ptr<const Alert>& alert) override;
  bool beat(const std::shared_ptr<const Alert>& alert) override;
  bool drain(Deadline deadline) override;
  [[nodiscard]] SinkStats stats() const override;
  void set_filter(SinkFilter filter) override;
  void recover() override;

 private:
  [[nodiscard]] std::unique_ptr<Backlog> open_backlog();  // without a spool where that cannot be had: no_spool says why
  void start_worker();                                    // without one where no thread can be had: no_thread says why
  bool push(const std::shared_ptr<const Alert>& alert);
  void run();
  [[nodiscard]] bool next_batch(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] std::size_t load();
  [[nodiscard]] std::vector<std::shared_ptr<const Alert>> alerts_in_flight() const;
  void report(const Attempt& attempt);
  void keep_refused(const Attempt& attempt, std::size_t sent);
  [[nodiscard]] bool settle(std::unique_lock<std::mutex>& lock, const Attempt& attempt, std::size_t sent);
  void count(const Attempt& attempt, std::size_t sent);
  [[nodiscard]] bool wait_to_retry(std::unique_lock<std::mutex>& lock, const Attempt& attempt);
  void give_up(std::unique_lock<std::mutex>& lock);
  void measure_flight();
  // Of all that has not been delivered: what the end of the program would lose.
  [[nodiscard]] std::size_t not_kept() const { return flying_alone_ + backlog_->in_memory_alone(); }
  void tell_kept(std::size_t alerts) const;

  const Options options_;
  const std::unique_ptr<Channel> channel_;
  const Clock& clock_;
  Random& random_;
  FailureLog failures_;  // the worker's, as the two below
  std::vector<Backlog::Entry> flight_;
  std::size_t send_most_;  // alerts at once; fewer after the channel could not take as many

  mutable std::mutex mutex_;
  std::condition_variable wake_;      // the worker: something to do
  std::condition_variable finished_;  // drain(): the worker has ended
  std::unique_ptr<Backlog> backlog_;
  std::size_t flying_ = 0;        // alerts in flight_
  std::size_t flying_bytes_ = 0;  // the same
  std::size_t flying_alone_ = 0;  // of these: in no spool
  std::int64_t flying_since_ns_ = 0;
  SinkFilter filter_;  // all alerts, until it is set
  SinkStats stats_;
  unsigned failures_in_a_row_ = 0;
  bool closed_ = false;   // takes nothing more
  bool expired_ = false;  // the deadline has passed, or another takes over: stop
  bool ended_ = true;     // there is no worker, or it is gone
  std::thread worker_;    // last: everything above is there before it runs
};

}  // namespace bongsu
