// SPDX-License-Identifier: Apache-2.0
//
// The pods of this node as the API server told them, by uid; those that were deleted stay for a while, for what they
// did last is still being read. Owns the facts. Bounded in number, and each pod in size. Time is the records'.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "identity/pod_facts.h"
#include "identity/slots.h"

namespace bongsu {

// The change with its facts cut to what is kept of them, which also fits a frame of a recording: texts that are too
// long are left out, and labels and annotations end where there is no more room.
[[nodiscard]] PodChange bounded(PodChange change);

class PodTable {
 public:
  static constexpr std::size_t kDefaultCapacity = 4096;  // a kubelet runs 110 pods unless told otherwise
  static constexpr std::uint64_t kKeepGoneNs = 60'000'000'000;

  struct Counters {
    std::uint64_t told = 0;           // pods, new and changed
    std::uint64_t evicted_gone = 0;   // forgotten before its 60 s were over, to make room
    std::uint64_t evicted_known = 0;  // the same, though it had not gone: the longest untold
    std::uint64_t cut = 0;            // changes with facts left out
  };

  explicit PodTable(std::size_t capacity = kDefaultCapacity);

  void learn(const PodChange& change, std::uint64_t now_ns);
  void expire(std::uint64_t now_ns);

  // By its uid, or a static pod's by the hash that its containers have for one. Null when not known; good until the
  // next change.
  [[nodiscard]] const PodFacts* find(std::string_view uid) const;

  // Whether every pod of this node was told (synced), is yet to be told (coming), or may not be (unsynced).
  enum class State : std::uint8_t { coming, synced, unsynced };
  [[nodiscard]] State state() const { return state_; }

  [[nodiscard]] std::size_t size() const { return slab_.size(); }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Entry {
    PodFacts facts;
    std::uint64_t gone_ns = 0;  // 0 while it is there
  };

  [[nodiscard]] Slot by_uid(std::string_view uid) const;
  Slot acquire();
  void put(PodFacts facts);
  void forget(Slot slot);

  Slab<Entry> slab_;
  SlotIndex uids_;
  SlotIndex hashes_;  // of static pods
  SlotList known_;    // longest untold first
  SlotList gone_;     // longest gone first
  State state_ = State::coming;
  Counters counters_;
};

}  // namespace bongsu
