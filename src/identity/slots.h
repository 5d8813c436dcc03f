// SPDX-License-Identifier: Apache-2.0
//
// The three building blocks of the tables in this room. All are bounded by a capacity given once and name their items
// by a slot number; all grow with the slots in use, up to their capacity, and never give memory back: once warm,
// nothing here allocates.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace bongsu {

using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = UINT32_MAX;

// A slot and the generation of its item: tells an item from the next one in the same slot.
struct SlotRef {
  Slot slot = kNoSlot;
  std::uint32_t generation = 0;

  [[nodiscard]] bool empty() const { return slot == kNoSlot; }
  bool operator==(const SlotRef&) const = default;
};

// The finaliser of splitmix64 (Steele, Lea, Flood 2014): every input bit changes every output bit.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// Owns the items. Addresses are stable; a released item keeps its memory for the next one.
template <typename T>
class Slab {
 public:
  explicit Slab(std::size_t capacity) : capacity_(capacity) { free_.reserve(capacity); }

  [[nodiscard]] Slot acquire() {  // kNoSlot when full
    if (!free_.empty()) {
      const Slot slot = free_.back();
      free_.pop_back();
      return slot;
    }
    if (items_.size() == capacity_) {
      return kNoSlot;
    }
    items_.emplace_back();
    return static_cast<Slot>(items_.size() - 1);
  }
  void release(Slot slot) { free_.push_back(slot); }

  [[nodiscard]] T& operator[](Slot slot) { return items_[slot]; }
  [[nodiscard]] const T& operator[](Slot slot) const { return items_[slot]; }
  [[nodiscard]] bool full() const { return free_.empty() && items_.size() == capacity_; }
  [[nodiscard]] std::size_t size() const { return items_.size() - free_.size(); }
  [[nodiscard]] std::size_t slots() const { return items_.size(); }  // ever used; a slot below this may be free

 private:
  std::size_t capacity_;
  std::deque<T> items_;
  std::vector<Slot> free_;
};

// Finds slots by a hash of their item's key. The items stay with their owner, who also compares the keys.
class SlotIndex {
 public:
  explicit SlotIndex(std::size_t capacity)
      : buckets_(std::bit_ceil(capacity < 1 ? std::size_t{1} : capacity), kNoSlot) {}

  // The first slot under this hash for which `same(slot)` holds, or kNoSlot.
  template <typename Same>
  [[nodiscard]] Slot find(std::uint64_t hash, Same&& same) const {
    Slot slot = buckets_[bucket(hash)];
    while (slot != kNoSlot && !same(slot)) {
      slot = next_[slot];
    }
    return slot;
  }
  void insert(std::uint64_t hash, Slot slot) {
    if (slot >= next_.size()) {
      next_.resize(std::size_t{slot} + 1, kNoSlot);
    }
    next_[slot] = buckets_[bucket(hash)];
    buckets_[bucket(hash)] = slot;
  }
  void erase(std::uint64_t hash, Slot slot) {
    Slot* link = &buckets_[bucket(hash)];
    while (*link != kNoSlot && *link != slot) {
      link = &next_[*link];
    }
    if (*link == slot) {
      *link = next_[slot];
    }
  }

 private:
  [[nodiscard]] std::size_t bucket(std::uint64_t hash) const { return hash & (buckets_.size() - 1); }

  std::vector<Slot> buckets_;
  std::vector<Slot> next_;
};

// Slots in order of arrival; any of them can leave.
class SlotList {
 public:
  [[nodiscard]] Slot front() const { return front_; }
  [[nodiscard]] bool contains(Slot slot) const { return slot < links_.size() && links_[slot].in; }
  void push_back(Slot slot) {
    if (slot >= links_.size()) {
      links_.resize(std::size_t{slot} + 1);
    }
    links_[slot] = {back_, kNoSlot, true};
    (back_ == kNoSlot ? front_ : links_[back_].next) = slot;
    back_ = slot;
  }
  void remove(Slot slot) {  // nothing when it is not in the list
    if (!contains(slot)) {
      return;
    }
    const Link link = links_[slot];
    (link.previous == kNoSlot ? front_ : links_[link.previous].next) = link.next;
    (link.next == kNoSlot ? back_ : links_[link.next].previous) = link.previous;
    links_[slot] = {};
  }
  void move_to_back(Slot slot) {
    if (back_ != slot) {
      remove(slot);
      push_back(slot);
    }
  }

 private:
  struct Link {
    Slot previous = kNoSlot;
    Slot next = kNoSlot;
    bool in = false;
  };
  std::vector<Link> links_;
  Slot front_ = kNoSlot;
  Slot back_ = kNoSlot;
};

}  // namespace bongsu
