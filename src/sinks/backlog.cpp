// SPDX-License-Identifier: Apache-2.0
#include "sinks/backlog.h"

#include <algorithm>
#include <utility>

#include "sinks/spool_record.h"

namespace bongsu {

Backlog::Backlog(Options options, const Clock& clock, std::unique_ptr<Spool> spool, std::vector<Spool::Place> left)
    : options_(options), clock_(clock), spool_(std::move(spool)) {
  const std::int64_t now_ns = clock_.boot_ns();
  for (Spool::Place& place : left) {
    const Severity severity = place.severity;
    const std::size_t bytes = place.bytes;
    add({.alert = nullptr, .place = std::move(place), .order = next_order_++, .since_ns = now_ns, .bytes = bytes},
        severity);
  }
}

bool Backlog::push(const std::shared_ptr<const Alert>& alert) {
  Entry entry{.alert = alert, .place = {}, .order = next_order_, .since_ns = clock_.boot_ns(), .bytes = alert->bytes()};
  const bool spooled = spool_ != nullptr && write(*alert, entry.place);
  if (spooled && copies_bytes_ + entry.bytes > kCopiesBytes) {
    entry.alert = nullptr;
  }
  if (!spooled && !has_memory(entry.bytes) && !make_room_in_memory(alert->severity, entry.bytes)) {
    ++counters_.refused;
    return false;
  }
  counters_.unspooled += spool_ != nullptr && !spooled ? 1U : 0U;
  ++next_order_;
  add(std::move(entry), alert->severity);
  return true;
}

bool Backlog::has_memory(std::size_t bytes) const {
  return unspooled_ < options_.max_alerts && unspooled_bytes_ + bytes <= options_.max_bytes;
}

bool Backlog::write(const Alert& alert, Spool::Place& place) {
  const std::int64_t began_ns = clock_.boot_ns();
  if (began_ns < rest_until_ns_ ||
      alert.json.size() > std::min<std::uint64_t>(spool_->max_bytes() / 2, kMostSpoolBodyBytes / 2)) {
    return false;
  }
  while (!spool_->has_room(alert) || alerts_ - unspooled_ >= kMostSpooled) {
    if (!make_room_on_disk(alert.severity)) {
      return false;
    }
  }
  auto written = spool_->append(alert);
  // Others took what we are allowed. Nothing that is spooled goes while memory has room for what comes.
  if (!written && spool_->disk_full() && !has_memory(alert.bytes()) && make_room_on_disk(alert.severity)) {
    written = spool_->append(alert);
  }
  if (!written) {
    rest(written.error().message);
    return false;
  }
  place = *std::move(written);
  time_the_disk(began_ns);
  return true;
}

// Being held up once may be the scheduler's doing.
void Backlog::time_the_disk(std::int64_t began_ns) {
  slow_in_a_row_ = clock_.boot_ns() - began_ns > kSlowNs ? slow_in_a_row_ + 1 : 0;
  if (slow_in_a_row_ > 1) {
    slow_in_a_row_ = 0;
    rest("the disk of the spool is too slow");
  }
}

void Backlog::rest(std::string why) {
  rest_until_ns_ = clock_.boot_ns() + kRestNs;
  why_resting_ = why;
  failure_ = std::move(why);
}

// A file of the lowest severity there is, the oldest first; none that is more severe than what it is for.
bool Backlog::make_room_on_disk(Severity severity) {
  for (auto lowest = Severity::info; lowest <= severity;
       lowest = static_cast<Severity>(static_cast<std::uint8_t>(lowest) + 1)) {
    const auto file = spool_->oldest(lowest, taken_from_);
    if (file == nullptr) {
      continue;
    }
    // They stand together: first, or behind what is left of those files that something in flight comes from.
    Row& row = row_of(on_disk_, lowest);
    const auto is_of_it = [&file](const Entry& entry) { return entry.place.file == file; };
    const auto begin = std::ranges::find_if(row, is_of_it);
    const auto end = std::find_if_not(begin, row.end(), is_of_it);
    std::for_each(begin, end, [this](const Entry& entry) {
      forget(entry);
      ++counters_.evicted;
    });
    row.erase(begin, end);
    spool_->drop(lowest, file);
    return true;
  }
  return false;
}

bool Backlog::make_room_in_memory(Severity severity, std::size_t bytes) {
  if (bytes > options_.max_bytes) {
    return false;  // nobody is to go in vain
  }
  for (auto lowest = Severity::info; lowest <= severity;
       lowest = static_cast<Severity>(static_cast<std::uint8_t>(lowest) + 1)) {
    Row& row = row_of(in_memory_, lowest);
    while (!row.empty() && !has_memory(bytes)) {
      forget(row.front());
      ++counters_.evicted;
      row.pop_front();
    }
    if (has_memory(bytes)) {
      return true;
    }
  }
  return false;
}

void Backlog::add(Entry entry, Severity severity, bool in_front) {
  ++alerts_;
  bytes_ += entry.bytes;
  const bool alone = entry.place.file == nullptr;
  if (alone) {
    ++unspooled_;
    unspooled_bytes_ += entry.bytes;
  } else if (entry.alert != nullptr) {
    copies_bytes_ += entry.bytes;
  }
  Row& row = row_of(alone ? in_memory_ : on_disk_, severity);
  in_front ? row.push_front(std::move(entry)) : row.push_back(std::move(entry));
}

void Backlog::forget(const Entry& entry) {
  --alerts_;
  bytes_ -= entry.bytes;
  if (entry.place.file == nullptr) {
    --unspooled_;
    unspooled_bytes_ -= entry.bytes;
  } else if (entry.alert != nullptr) {
    copies_bytes_ -= entry.bytes;
  }
}

Backlog::Row* Backlog::first_row() {
  Row* first = nullptr;
  for (Rows* rows : {&in_memory_, &on_disk_}) {
    for (Row& row : *rows) {
      if (!row.empty() && (first == nullptr || row.front().order < first->front().order)) {
        first = &row;
      }
    }
  }
  return first;
}

std::optional<std::int64_t> Backlog::oldest_ns() const {
  std::optional<std::int64_t> oldest;
  for (const Rows* rows : {&in_memory_, &on_disk_}) {
    for (const Row& row : *rows) {
      if (!row.empty()) {
        oldest = std::min(oldest.value_or(row.front().since_ns), row.front().since_ns);
      }
    }
  }
  return oldest;
}

void Backlog::append(Backlog& other) {
  std::vector<Entry> entries;
  other.take(other.alerts(), other.bytes(), entries);
  for (Entry& entry : entries) {
    if (entry.alert != nullptr) {
      push(entry.alert);
    }
  }
}

void Backlog::take(std::size_t max_alerts, std::size_t max_bytes, std::vector<Entry>& out) {
  std::size_t bytes = 0;
  while (out.size() < max_alerts) {
    Row* row = first_row();
    if (row == nullptr || (!out.empty() && bytes + row->front().bytes > max_bytes)) {
      return;
    }
    Entry& entry = row->front();
    bytes += entry.bytes;
    forget(entry);
    if (entry.place.file != nullptr) {
      taken_up_to_ = std::max(taken_up_to_, entry.place.sequence);
      if (std::ranges::find(taken_from_, entry.place.file) == taken_from_.end()) {
        taken_from_.push_back(entry.place.file);
      }
    }
    out.push_back(std::move(entry));
    row->pop_front();
  }
}

void Backlog::settled() {
  taken_from_.clear();
  if (spool_ != nullptr) {
    const std::int64_t began_ns = clock_.boot_ns();
    if (const Status settled = spool_->settle(taken_up_to_); !settled) {
      failure_ = settled.error().message;
    }
    time_the_disk(began_ns);
  }
}

void Backlog::put_back(std::vector<Entry> taken) {
  taken_from_.clear();
  taken_up_to_ = 0;
  std::ranges::reverse(taken);
  for (Entry& entry : taken) {
    const Alert* const alert = entry.alert.get();
    const Severity severity = alert != nullptr ? alert->severity : entry.place.severity;
    add(std::move(entry), severity, true);
  }
}

}  // namespace bongsu
