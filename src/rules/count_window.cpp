// SPDX-License-Identifier: Apache-2.0
#include "rules/count_window.h"

#include <algorithm>
#include <iterator>

namespace bongsu {
namespace {

// Records of different rings come in order but for moments; what is further back than this, and than the window, says
// that the wall clock was set back.
constexpr std::uint64_t kLateNs = 1'000'000'000;

}  // namespace

// False for an event that is too late for the window.
bool CountWindow::move_to(std::int64_t when_ns, std::uint64_t within_ns) {
  if (when_ns < newest_ns_ && apart_ns(when_ns, newest_ns_) > within_ns) {
    if (apart_ns(when_ns, newest_ns_) <= kLateNs) {
      return false;
    }
    clear();
    newest_ns_ = when_ns;
  }
  newest_ns_ = std::max(newest_ns_, when_ns);
  const bool has_begun = apart_ns(newest_ns_, INT64_MIN) > within_ns;
  const std::int64_t from_ns = has_begun ? newest_ns_ - static_cast<std::int64_t>(within_ns) : INT64_MIN;
  times_.erase(times_.begin(), std::ranges::lower_bound(times_, from_ns));
  while (!values_.empty() && values_.front().when_ns < from_ns) {
    value_bytes_ -= values_.front().value.size();
    by_value_.erase(values_.front().value);
    values_.pop_front();
  }
  return true;
}

void CountWindow::clear() {
  times_.clear();
  by_value_.clear();
  values_.clear();
  value_bytes_ = 0;
}

std::size_t CountWindow::add(std::int64_t when_ns, std::uint64_t within_ns) {
  if (move_to(when_ns, within_ns)) {
    times_.insert(std::ranges::upper_bound(times_, when_ns), when_ns);
  }
  return times_.size();
}

std::size_t CountWindow::add(std::int64_t when_ns, std::uint64_t within_ns, std::string_view value) {
  if (!move_to(when_ns, within_ns)) {
    return values_.size();
  }
  // Its place: behind the last that is not newer, which is near the end.
  const auto place_before = [&](std::list<Seen>::iterator end) {
    while (end != values_.begin() && std::prev(end)->when_ns > when_ns) {
      --end;
    }
    return end;
  };
  if (const auto known = by_value_.find(value); known != by_value_.end()) {
    if (known->second->when_ns < when_ns) {
      known->second->when_ns = when_ns;
      const auto seen = known->second;
      std::list<Seen> moved;
      moved.splice(moved.begin(), values_, seen);
      values_.splice(place_before(values_.end()), moved);
    }
    return values_.size();
  }
  const auto seen = values_.insert(place_before(values_.end()), {when_ns, std::string(value)});
  by_value_.emplace(seen->value, seen);
  value_bytes_ += value.size();
  return values_.size();
}

std::size_t CountWindow::bytes() const {
  constexpr std::size_t kNodes = 128;  // of the list and the map, for each value
  return sizeof(CountWindow) + times_.capacity() * sizeof(std::int64_t) + values_.size() * kNodes + value_bytes_;
}

bool CountMemory::meet(const EventView& event, std::span<const std::uint32_t> /*steps*/) {
  if (distinct_ != FieldId::none) {
    write_key(value_, event.value(distinct_));
    if (is_missing(value_)) {
      return false;
    }
  }
  auto entry = find(event);
  if (entry == none()) {
    entry = add(CountWindow(now_ns()));
  }
  CountWindow& window = entry->value;
  const std::size_t before = window.bytes();
  const std::size_t count =
      distinct_ == FieldId::none ? window.add(now_ns(), within_ns()) : window.add(now_ns(), within_ns(), value_);
  bytes_ += window.bytes() - before;  // wraps where it shrank, and back
  if (count < at_least_) {
    return false;
  }
  forget(entry);  // so that it takes as many again
  return true;
}

}  // namespace bongsu
