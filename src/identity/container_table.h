// SPDX-License-Identifier: Apache-2.0
//
// The containers of this host by id, those that ended included for a while: what they did last is still being read. The
// table owns them; others hold a SlotRef, which outlives its container harmlessly. Times are the records' (boot time).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "identity/cgroup_path.h"
#include "identity/container_facts.h"
#include "identity/slots.h"

namespace bongsu {

struct Container {
  std::string id;
  std::string_view runtime;                     // empty when neither path nor bundle tells; a literal
  std::string pod_uid;                          // empty outside pods; the path's, else the bundle's
  std::shared_ptr<const ContainerFacts> facts;  // of the bundle; null: not read, or not yet
  std::uint64_t ask_ns = 0;                     // when to ask for them (again)
  std::uint32_t asked = 0;                      // how often that was done
  std::uint64_t first_seen_ns = 0;
  std::uint64_t ended_ns = 0;     // 0 while it lives
  std::uint32_t own_cgroups = 0;  // known cgroups that are the container's own (v1: one per hierarchy); see CgroupTable
  bool start_told = false;        // container_start has been reported for this life
  std::uint32_t generation = 0;

  [[nodiscard]] bool live() const { return ended_ns == 0; }
};

class ContainerTable {
 public:
  static constexpr std::uint64_t kKeepEndedNs = 60'000'000'000;
  static constexpr std::size_t kDefaultCapacity = 8192;

  struct Counters {
    std::uint64_t evicted_ended = 0;  // forgotten before its 60 s were over, to make room
    std::uint64_t evicted_live = 0;   // the same, though it had not ended as far as known: the longest unseen
  };

  explicit ContainerTable(std::size_t capacity = kDefaultCapacity);

  [[nodiscard]] SlotRef find(std::string_view id) const;
  // Finds or adds; what the path tells and was not known yet (runtime, pod) is filled in. Always finds room.
  SlotRef add(const CgroupPath& path, std::uint64_t now_ns);
  // Null when it is empty, or the container has been forgotten.
  [[nodiscard]] Container* get(SlotRef ref);
  [[nodiscard]] const Container* get(SlotRef ref) const;

  void set_facts(Container& container, ContainerFacts facts);
  void touch(SlotRef ref);  // seen again: goes last when live ones must be evicted
  void end(SlotRef ref, std::uint64_t now_ns);
  void revive(SlotRef ref);           // restarted under its old id
  void expire(std::uint64_t now_ns);  // forgets what ended kKeepEndedNs ago

  [[nodiscard]] std::size_t size() const { return slab_.size(); }
  [[nodiscard]] std::size_t live() const { return live_count_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  void forget(Slot slot);

  Slab<Container> slab_;
  SlotIndex index_;
  SlotList live_;   // longest unseen first
  SlotList ended_;  // longest ended first
  std::size_t live_count_ = 0;
  Counters counters_;
};

}  // namespace bongsu
