// SPDX-License-Identifier: Apache-2.0
#include "sinks/backlog.h"

#include <algorithm>
#include <iterator>
#include <utility>

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
  if (spooled) {
    if (copies_bytes_ + entry.bytes > kCopiesBytes) {
      entry.alert = nullptr;
    }
  } else if (!has_memory(entry.bytes) && (spool_ != nullptr || !make_room_in_memory(alert->severity, entry.bytes))) {
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
  if (began_ns < rest_until_ns_ || alert.json.size() > spool_->max_bytes() / 2) {
    return false;
  }
  while (!spool_->has_room(alert) || alerts_ - unspooled_ >= kMostSpooled) {
    if (!make_room_on_disk(alert.severity)) {
      return false;
    }
  }
  auto written = spool_->append(alert);
  if (!written && make_room_on_disk(alert.severity)) {  // a full disk: others may have taken what we are allowed
    written = spool_->append(alert);
  }
  const std::int64_t took_ns = clock_.boot_ns() - began_ns;
  if (!written || took_ns > kSlowNs) {
    failure_ = written ? "the disk of the spool is too slow" : written.error().message;
    rest_until_ns_ = began_ns + took_ns + kRestNs;
  }
  if (written) {
    place = *std::move(written);
  }
  return written.has_value();
}

// A file of the lowest severity there is, the oldest first; none that is more severe than what it is for.
bool Backlog::make_room_on_disk(Severity severity) {
  for (auto lowest = Severity::info; lowest <= severity;
       lowest = static_cast<Severity>(static_cast<std::uint8_t>(lowest) + 1)) {
    const auto file = spool_->oldest(lowest);
    if (file == nullptr || std::ranges::find(taken_from_, file) != taken_from_.end()) {
      continue;
    }
    // They stand first, with what waits in memory alone between them.
    Row& row = row_of(lowest);
    const auto end = std::ranges::find_if(
        row, [&](const Entry& entry) { return entry.place.file != nullptr && entry.place.file != file; });
    const auto gone =
        std::stable_partition(row.begin(), end, [&](const Entry& entry) { return entry.place.file != file; });
    std::for_each(gone, end, [this](const Entry& entry) {
      forget(entry);
      ++counters_.evicted;
    });
    row.erase(gone, end);
    spool_->drop(lowest);
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
    Row& row = row_of(lowest);
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

void Backlog::add(Entry entry, Severity severity) {
  ++alerts_;
  bytes_ += entry.bytes;
  if (entry.place.file == nullptr) {
    ++unspooled_;
    unspooled_bytes_ += entry.bytes;
  } else if (entry.alert != nullptr) {
    copies_bytes_ += entry.bytes;
  }
  row_of(severity).push_back(std::move(entry));
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
  for (Row& row : rows_) {
    if (!row.empty() && (first == nullptr || row.front().order < first->front().order)) {
      first = &row;
    }
  }
  return first;
}

std::optional<std::int64_t> Backlog::oldest_ns() const {
  std::optional<std::int64_t> oldest;
  for (const Row& row : rows_) {
    if (!row.empty()) {
      oldest = std::min(oldest.value_or(row.front().since_ns), row.front().since_ns);
    }
  }
  return oldest;
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
    if (const Status settled = spool_->settle(taken_up_to_); !settled) {
      failure_ = settled.error().message;
    }
  }
}

void Backlog::put_back(std::vector<Entry>&& taken) {
  taken_from_.clear();
  taken_up_to_ = 0;
  for (auto entry = std::make_move_iterator(taken.rbegin()); entry != std::make_move_iterator(taken.rend()); ++entry) {
    Entry back = *entry;
    const Severity severity = back.alert != nullptr ? back.alert->severity : back.place.severity;
    add(std::move(back), severity);
    Row& row = row_of(severity);
    row.push_front(std::move(row.back()));
    row.pop_back();
  }
  taken.clear();
}

}  // namespace bongsu
