// SPDX-License-Identifier: Apache-2.0
//
// What one rule remembers, key by key: the common half of counts and sequences. Bounded; what is forgotten although it
// could still have mattered is counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "events/event_view.h"
#include "rules/lru_map.h"
#include "rules/state_key.h"

namespace bongsu {

class RuleMemory {
 public:
  virtual ~RuleMemory() = default;

  // The event meets these steps of the rule (ascending; of a count: 0). Whether the rule fires now.
  virtual bool meet(const EventView& event, std::span<const std::uint32_t> steps) = 0;
  // Forgets the key that was not asked for the longest; there is one.
  virtual void forget_oldest() = 0;

  [[nodiscard]] virtual std::size_t keys() const = 0;
  [[nodiscard]] std::size_t bytes() const { return bytes_; }  // about what it holds
  [[nodiscard]] std::uint64_t evictions() const { return evictions_; }

 protected:
  std::size_t bytes_ = 0;
  std::uint64_t evictions_ = 0;
};

// T is what is kept for a key: bytes(), and newest_ns(), the time that its window is counted from.
template <typename T>
class KeyedMemory : public RuleMemory {
 public:
  KeyedMemory(std::vector<FieldId> by, std::int64_t within_ns, std::size_t most_keys)
      : by_(std::move(by)), within_ns_(static_cast<std::uint64_t>(within_ns)), most_keys_(most_keys) {}

  void forget_oldest() final {
    auto oldest = entries_.oldest();
    if (!is_over(oldest->value)) {
      ++evictions_;
    }
    forget(oldest);
  }

  [[nodiscard]] std::size_t keys() const final { return entries_.size(); }

 protected:
  // NOLINTNEXTLINE(readability-redundant-typename): clang 14, which builds the fuzz targets, wants it
  using Handle = typename LruMap<T>::Handle;

  // What is kept for the event's key; end() when that is nothing.
  [[nodiscard]] Handle find(const EventView& event) {
    now_ns_ = event_time_ns(event);
    write_key(key_, event, by_);
    return entries_.find(key_);
  }
  [[nodiscard]] Handle none() { return entries_.end(); }

  // Begins to keep something for the key that find() did not find.
  [[nodiscard]] Handle add(T value) {
    // What has run out goes by itself, at twice the speed at which keys come.
    for (int i = 0; i < 2 && !entries_.empty() && is_over(entries_.oldest()->value); ++i) {
      forget(entries_.oldest());
    }
    if (entries_.size() >= most_keys_) {
      forget_oldest();
    }
    auto entry = entries_.add(key_, std::move(value));
    bytes_ += cost(entry);
    return entry;
  }

  void forget(Handle entry) {
    bytes_ -= cost(entry);
    entries_.erase(entry);
  }

  [[nodiscard]] std::int64_t now_ns() const { return now_ns_; }
  [[nodiscard]] std::uint64_t within_ns() const { return within_ns_; }

 private:
  // Nothing more can come of it, as far as the last event's time tells.
  [[nodiscard]] bool is_over(const T& value) const { return apart_ns(now_ns_, value.newest_ns()) > within_ns_; }
  [[nodiscard]] static std::size_t cost(Handle entry) {
    constexpr std::size_t kNodes = 160;  // of the list and the map, beside what is counted
    return kNodes + entry->key.size() + entry->value.bytes();
  }

  std::vector<FieldId> by_;
  std::uint64_t within_ns_;
  std::size_t most_keys_;
  LruMap<T> entries_;
  std::string key_;  // of the event at hand
  std::int64_t now_ns_ = 0;
};

}  // namespace bongsu
