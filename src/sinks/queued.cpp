// SPDX-License-Identifier: Apache-2.0
#include "sinks/queued.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "base/log.h"

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
      send_most_(options_.batch.max_alerts) {}

QueuedSink::~QueuedSink() {
  drain(Deadline());
  if (worker_.joinable()) {
    worker_.join();
  }
}

void QueuedSink::start(std::unique_ptr<Backlog> inherited) {
  backlog_ = std::move(inherited);
  if (backlog_ == nullptr) {
    backlog_ = open_backlog();
  } else if (options_.spool && backlog_->spool() == nullptr) {
    recover();
  } else if (options_.spool) {
    backlog_->set_spool_bytes(options_.spool->max_bytes);
  }
  const std::lock_guard lock(mutex_);
  stats_.found = backlog_->alerts();
  start_worker();
}

// With the lock held. Until there is a thread, alerts wait, as they do while a destination is gone.
void QueuedSink::start_worker() {
  try {
    ended_ = false;
    worker_ = std::thread([this] { run(); });
    stats_.no_thread.clear();
  } catch (const std::exception& error) {  // no thread, or no memory for one
    ended_ = true;
    if (std::string why = error.what(); why != stats_.no_thread) {
      options_.log(options_.name + ": alerts wait, there is no thread to deliver them: " + why);
      stats_.no_thread = std::move(why);
    }
  }
}

std::unique_ptr<Backlog> QueuedSink::open_backlog() {
  const Backlog::Options memory{.max_alerts = options_.max_alerts, .max_bytes = options_.max_bytes};
  if (!options_.spool) {
    return std::make_unique<Backlog>(memory, clock_);
  }
  std::vector<Spool::Place> left;
  auto spool = Spool::open(*options_.spool, left);
  const std::lock_guard lock(mutex_);  // of the numbers
  if (!spool) {
    if (std::string why = spool.error().to_string(); why != stats_.no_spool) {
      options_.log(options_.name + ": alerts wait in memory alone: " + why);
      stats_.no_spool = std::move(why);
    }
    return std::make_unique<Backlog>(memory, clock_);
  }
  stats_.no_spool.clear();
  if (const std::uint64_t damaged = (*spool)->damaged_bytes(); damaged != 0) {
    options_.log(options_.name + ": " + std::to_string(damaged) + " bytes of the spool are damaged, and left out");
  }
  stats_.damaged += (*spool)->unreadable_files() + ((*spool)->damaged_bytes() != 0 ? 1U : 0U);  // at least
  if (!left.empty()) {
    log::info("{}: {} alerts wait in the spool", options_.name, left.size());
  }
  return std::make_unique<Backlog>(memory, clock_, *std::move(spool), std::move(left));
}

// Nobody else puts another backlog in the place of this one.
void QueuedSink::recover() {
  const bool lacks_spool = options_.spool && backlog_ != nullptr && backlog_->spool() == nullptr;
  auto opened = lacks_spool ? open_backlog() : nullptr;
  const std::lock_guard lock(mutex_);
  if (opened != nullptr && opened->spool() != nullptr) {
    opened->append(*backlog_);
    backlog_ = std::move(opened);
    wake_.notify_one();
  }
  if (!stats_.no_thread.empty() && !closed_) {
    start_worker();
  }
}

std::unique_ptr<Backlog> QueuedSink::hand_over() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    expired_ = true;
    wake_.notify_one();
  }
  channel_->interrupt();
  if (worker_.joinable()) {
    worker_.join();
  }
  if (backlog_ != nullptr) {
    backlog_->put_back(std::exchange(flight_, {}));
    measure_flight();
  }
  return std::move(backlog_);
}

bool QueuedSink::deliver(const std::shared_ptr<const Alert>& alert) {
  const std::lock_guard lock(mutex_);
  if (!filter_.wants(*alert)) {
    ++stats_.filtered;
    return true;
  }
  return push(alert);
}

bool QueuedSink::beat(const std::shared_ptr<const Alert>& alert) {
  const std::lock_guard lock(mutex_);
  return flying_ == 0 && !closed_ && backlog_->empty() && push(alert);
}

bool QueuedSink::push(const std::shared_ptr<const Alert>& alert) {
  if (closed_) {
    ++stats_.refused_closed;
    return false;
  }
  const bool was_empty = backlog_->empty();
  if (!backlog_->push(alert)) {
    return false;
  }
  if (was_empty || backlog_->fills(options_.batch.max_alerts, options_.batch.max_bytes)) {
    wake_.notify_one();
  }
  return true;
}

bool QueuedSink::drain(Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (!closed_) {
    closed_ = true;
    failures_in_a_row_ = 0;  // whoever waits for a retry tries now, and soon again
    if (!stats_.no_thread.empty()) {
      start_worker();  // the last chance
    }
    wake_.notify_one();
  }
  finished_.wait_until(lock, deadline, [this] { return ended_; });
  if ((!ended_ || !stats_.no_thread.empty()) && !expired_) {
    give_up(lock);
  }
  return stats_.undelivered == 0;
}

void QueuedSink::give_up(std::unique_lock<std::mutex>& lock) {
  expired_ = true;
  const std::size_t left = backlog_->alerts() + flying_;
  const std::size_t lost = not_kept();
  stats_.undelivered += lost;
  wake_.notify_one();
  lock.unlock();
  channel_->interrupt();
  if (lost != 0) {
    options_.log(options_.name + ": " + std::to_string(lost) + " alerts could not be delivered in time and are lost");
  }
  tell_kept(left - lost);
  lock.lock();
}

void QueuedSink::tell_kept(std::size_t alerts) const {
  if (alerts != 0) {
    log::info("{}: {} alerts wait in {} for whoever uses it next", options_.name, alerts,
              options_.spool->directory.string());
  }
}

SinkStats QueuedSink::stats() const {
  const std::lock_guard lock(mutex_);
  SinkStats stats = stats_;
  if (backlog_ == nullptr) {
    return stats;
  }
  const bool lost = stats.undelivered != 0 && backlog_->spool() == nullptr;
  stats.queued = lost ? 0 : backlog_->alerts() + flying_;
  stats.queued_bytes = lost ? 0 : backlog_->bytes() + flying_bytes_;
  stats.refused_full = backlog_->counters().refused;
  stats.evicted = backlog_->counters().evicted;
  stats.unspooled = backlog_->counters().unspooled;
  stats.has_spool = backlog_->spool() != nullptr;
  stats.spool_bytes = stats.has_spool ? backlog_->spool()->bytes() : 0;
  if (std::string why = backlog_->resting(); !why.empty()) {
    stats.no_spool = std::move(why);
  }
  stats.oldest_ns = flying_ != 0 ? flying_since_ns_ : backlog_->oldest_ns().value_or(0);
  return stats;
}

void QueuedSink::set_filter(SinkFilter filter) {
  const std::lock_guard lock(mutex_);
  filter_ = std::move(filter);
}

void QueuedSink::run() {
  std::unique_lock lock(mutex_);
  while (!expired_ && (!flight_.empty() || next_batch(lock))) {
    lock.unlock();
    const std::size_t damaged = load();
    Attempt attempt;
    const std::size_t sent = std::min(flight_.size(), send_most_);
    if (sent != 0) {
      const auto alerts = alerts_in_flight();
      attempt = channel_->send(Alerts(alerts).first(sent));
      if (attempt.too_large && sent > 1) {
        attempt.outcome = Attempt::Outcome::retry;
      }
      report(attempt);  // without the lock: a log may block
      keep_refused(attempt, sent);
    }
    lock.lock();
    stats_.damaged += damaged;
    stats_.attempts += sent != 0 ? 1U : 0U;
    if (!settle(lock, attempt, sent)) {
      break;
    }
  }
  ended_ = true;
  finished_.notify_all();
}

// Waits for alerts, and for a batch to fill. False: there is nothing, and nothing will come.
bool QueuedSink::next_batch(std::unique_lock<std::mutex>& lock) {
  const Batch& batch = options_.batch;
  do {  // again, where what was there has made room meanwhile
    wake_.wait(lock, [this] { return closed_ || !backlog_->empty(); });
    if (batch.max_alerts > 1 && batch.max_wait.count() > 0) {
      wake_.wait_for(lock, batch.max_wait,
                     [&] { return closed_ || backlog_->fills(batch.max_alerts, batch.max_bytes); });
    }
    backlog_->take(batch.max_alerts, batch.max_bytes, flight_);
  } while (flight_.empty() && !closed_);
  measure_flight();
  return !flight_.empty() && !expired_;
}

void QueuedSink::measure_flight() {
  flying_ = flight_.size();
  flying_bytes_ = 0;
  flying_alone_ = 0;
  for (const Backlog::Entry& entry : flight_) {
    flying_bytes_ += entry.bytes;
    flying_alone_ += entry.place.file == nullptr ? 1U : 0U;
  }
  flying_since_ns_ = flight_.empty() ? 0 : flight_.front().since_ns;
}

// Reads what is on disk alone. Returns how many could not be read: they are no longer there.
std::size_t QueuedSink::load() {
  return std::erase_if(flight_, [this](Backlog::Entry& entry) {
    if (entry.alert == nullptr) {
      auto alert = entry.place.file->read(entry.place.offset, entry.place.bytes);
      if (alert) {
        entry.alert = *std::move(alert);
      } else {
        failures_.failed(alert.error().message);
      }
    }
    return entry.alert == nullptr;
  });
}

std::vector<std::shared_ptr<const Alert>> QueuedSink::alerts_in_flight() const {
  std::vector<std::shared_ptr<const Alert>> alerts;
  alerts.reserve(flight_.size());
  std::ranges::transform(flight_, std::back_inserter(alerts), &Backlog::Entry::alert);
  return alerts;
}

void QueuedSink::report(const Attempt& attempt) {
  if (attempt.outcome == Attempt::Outcome::delivered) {
    failures_.worked();
  } else if (!attempt.reason.empty()) {
    failures_.failed(attempt.reason);
  }
  for (const Refusal& refusal : attempt.refused) {
    failures_.failed(refusal.reason);
  }
}

void QueuedSink::keep_refused(const Attempt& attempt, std::size_t sent) {
  const auto keep = [this](std::size_t index, const std::string& reason) {
    if (!options_.keep_rejected) {
      return;
    }
    const bool kept = options_.keep_rejected(*flight_[index].alert, reason);
    const std::lock_guard lock(mutex_);
    ++(kept ? stats_.dead_lettered : stats_.unlettered);
  };
  if (attempt.outcome == Attempt::Outcome::rejected) {
    for (std::size_t i = 0; i < sent; ++i) {
      keep(i, attempt.reason);
    }
  }
  for (const Refusal& refusal : attempt.refused) {
    if (!refusal.again && refusal.index < sent) {
      keep(refusal.index, refusal.reason);
    }
  }
}

// Counts what is through, and takes it out of the flight.
void QueuedSink::count(const Attempt& attempt, std::size_t sent) {
  std::vector<Backlog::Entry> rest;
  const std::int64_t now_ns = clock_.boot_ns();
  auto refusal = attempt.refused.begin();
  for (std::size_t i = 0; i < flight_.size(); ++i) {
    if (i >= sent) {
      rest.push_back(std::move(flight_[i]));
      continue;
    }
    const bool refused = refusal != attempt.refused.end() && refusal->index == i;
    if (refused && refusal->again) {
      rest.push_back(std::move(flight_[i]));
    } else if (refused || attempt.outcome == Attempt::Outcome::rejected) {
      ++stats_.rejected;
    } else {
      ++stats_.delivered;
      stats_.delivery.add(now_ns - flight_[i].since_ns);
    }
    refusal += refused ? 1 : 0;
  }
  flight_ = std::move(rest);
}

// After an attempt, with the lock held: counts it, and waits where something is to be tried again. False: stop.
bool QueuedSink::settle(std::unique_lock<std::mutex>& lock, const Attempt& attempt, std::size_t sent) {
  const bool retry = attempt.outcome == Attempt::Outcome::retry;
  const bool again = retry || std::ranges::any_of(attempt.refused, &Refusal::again);
  if (!retry) {
    const std::uint64_t delivered = stats_.delivered;
    count(attempt, sent);
    if (expired_ && stats_.undelivered != 0) {
      // drain() has counted these as lost; it knows better only now.
      stats_.undelivered -= std::min(stats_.undelivered, stats_.delivered - delivered);
    }
  }
  measure_flight();
  if (flight_.empty()) {
    backlog_->settled();
    send_most_ = options_.batch.max_alerts;
  }
  if (std::string failure = backlog_->take_failure(); !failure.empty()) {
    lock.unlock();
    failures_.failed(failure);
    lock.lock();
  }
  if (attempt.too_large && sent > 1) {
    send_most_ = sent / 2;
    return !expired_;
  }
  if (again) {
    return wait_to_retry(lock, attempt);
  }
  failures_in_a_row_ = 0;
  stats_.failing_ns = 0;
  return !expired_;
}

bool QueuedSink::wait_to_retry(std::unique_lock<std::mutex>& lock, const Attempt& attempt) {
  if (closed_ && not_kept() == 0) {
    tell_kept(backlog_->alerts() + flying_);
    return false;  // the next start will try
  }
  ++failures_in_a_row_;
  stats_.failing_ns = stats_.failing_ns == 0 ? clock_.boot_ns() : stats_.failing_ns;
  stats_.failure = attempt.reason.empty() && !attempt.refused.empty() ? attempt.refused.front().reason : attempt.reason;
  const auto wait = std::max(backoff(options_.retry, failures_in_a_row_, random_),
                             std::min(attempt.wait.value_or(std::chrono::nanoseconds(0)), kLongestWait));
  wake_.wait_for(lock, wait, [this, was_closed = closed_] { return expired_ || closed_ != was_closed; });
  stats_.retries += expired_ ? 0 : 1;
  return !expired_;
}

}  // namespace bongsu
