// SPDX-License-Identifier: Apache-2.0
#include "sinks/queued.h"

#include <algorithm>
#include <utility>

namespace bongsu {
namespace {

// Longer than anyone has reason to ask for; a wrong date in Retry-After must not stop a sink for years.
constexpr std::chrono::nanoseconds kLongestWait = std::chrono::hours(1);

}  // namespace

QueuedSink::QueuedSink(Options options, std::unique_ptr<Channel> channel, const Clock& clock, Random& random)
    : options_(std::move(options)),
      channel_(std::move(channel)),
      clock_(clock),
      random_(random),
      failures_(options_.name, clock, options_.log),
      worker_([this] { run(); }) {}

QueuedSink::~QueuedSink() {
  drain(Deadline());
  worker_.join();
}

bool QueuedSink::deliver(const std::shared_ptr<const Alert>& alert) {
  const std::lock_guard lock(mutex_);
  if (!filter_.wants(*alert)) {
    ++stats_.filtered;
    return true;
  }
  if (closed_) {
    ++stats_.refused_closed;
    return false;
  }
  const std::size_t bytes = alert->bytes();
  if (queue_.size() >= options_.max_alerts || stats_.queued_bytes + bytes > options_.max_bytes) {
    ++stats_.refused_full;
    return false;
  }
  queue_.push_back({alert, clock_.boot_ns()});
  stats_.queued_bytes += bytes;
  wake_.notify_one();
  return true;
}

bool QueuedSink::drain(Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (!closed_) {
    closed_ = true;
    failures_in_a_row_ = 0;  // whoever waits for a retry tries now, and soon again
    wake_.notify_one();
  }
  finished_.wait_until(lock, deadline, [this] { return ended_; });
  if (!ended_ && !expired_) {
    expired_ = true;
    const std::size_t left = queue_.size();
    stats_.undelivered += left;
    queue_.clear();
    stats_.queued_bytes = 0;
    wake_.notify_one();
    lock.unlock();
    channel_->interrupt();
    if (left != 0) {
      options_.log(options_.name + ": " + std::to_string(left) + " alerts could not be delivered in time and are lost");
    }
    lock.lock();
  }
  return stats_.undelivered == 0;
}

SinkStats QueuedSink::stats() const {
  const std::lock_guard lock(mutex_);
  SinkStats stats = stats_;
  stats.queued = queue_.size();
  return stats;
}

void QueuedSink::set_filter(SinkFilter filter) {
  const std::lock_guard lock(mutex_);
  filter_ = std::move(filter);
}

void QueuedSink::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return closed_ || !queue_.empty(); });
    if (queue_.empty() || expired_) {
      break;
    }
    const Waiting next = queue_.front();
    lock.unlock();
    const Attempt attempt = channel_->send(Alerts(&next.alert, 1));
    report(attempt);  // without the lock: a log may block
    lock.lock();
    if (!settle(lock, attempt, next.since_ns)) {
      break;
    }
  }
  ended_ = true;
  finished_.notify_all();
}

void QueuedSink::report(const Attempt& attempt) {
  if (attempt.outcome == Attempt::Outcome::delivered) {
    failures_.worked();
  } else if (!attempt.reason.empty()) {
    failures_.failed(attempt.reason);
  }
}

void QueuedSink::count_delivered(std::int64_t since_ns) {
  ++stats_.delivered;
  stats_.delivery.add(clock_.boot_ns() - since_ns);
}

bool QueuedSink::settle(std::unique_lock<std::mutex>& lock, const Attempt& attempt, std::int64_t since_ns) {
  if (expired_) {
    // drain() has counted this one as lost; it knows better only now.
    if (attempt.outcome == Attempt::Outcome::delivered) {
      --stats_.undelivered;
      count_delivered(since_ns);
    }
    return false;
  }
  switch (attempt.outcome) {
    case Attempt::Outcome::delivered:
      pop();
      count_delivered(since_ns);
      failures_in_a_row_ = 0;
      return true;
    case Attempt::Outcome::rejected:
      pop();
      ++stats_.rejected;
      failures_in_a_row_ = 0;
      return true;
    case Attempt::Outcome::retry:
      break;
  }
  ++failures_in_a_row_;
  const auto wait = std::max(backoff(options_.retry, failures_in_a_row_, random_),
                             std::min(attempt.wait.value_or(std::chrono::nanoseconds(0)), kLongestWait));
  wake_.wait_for(lock, wait, [this, was_closed = closed_] { return expired_ || closed_ != was_closed; });
  stats_.retries += expired_ ? 0 : 1;
  return !expired_;
}

void QueuedSink::pop() {
  stats_.queued_bytes -= queue_.front().alert->bytes();
  queue_.pop_front();
}

}  // namespace bongsu
