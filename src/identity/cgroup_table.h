// SPDX-License-Identifier: Apache-2.0
//
// Which container a cgroup belongs to, by id. Fed by container_start and container_stop records, which tell every
// cgroup's path; an id that no record told is resolved once on demand. Borrows the container table and the resolver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "identity/cgroup_resolver.h"
#include "identity/container_table.h"
#include "identity/slots.h"
#include "wire/wire.h"

namespace bongsu {

// Where a task runs, as far as its cgroups tell.
struct Place {
  enum class Kind : std::uint8_t { unknown, host, container };
  Kind kind = Kind::unknown;
  SlotRef container;
};

class CgroupTable {
 public:
  static constexpr std::size_t kDefaultCapacity = 32768;
  static constexpr std::uint64_t kRetryNs =
      1'000'000'000;  // an id that could not be resolved is not asked again before
  static constexpr std::uint64_t kKeepRemovedNs = 60'000'000'000;  // records of its last tasks may come late

  struct Counters {
    std::uint64_t evicted = 0;     // forgotten though the cgroup may live: the longest unasked; resolved again if asked
    std::uint64_t resolved = 0;    // by the resolver
    std::uint64_t unresolved = 0;  // asked in vain
  };

  // `resolver` may be null: then only what records told is known.
  CgroupTable(ContainerTable& containers, CgroupResolver* resolver, std::size_t capacity = kDefaultCapacity);

  // The v2 cgroup, then the v1 one: the first that is a container's wins. `host` only when every id given is the
  // host's.
  [[nodiscard]] Place place_of(const bongsu_task& task, std::uint64_t now_ns);
  [[nodiscard]] Place lookup(CgroupKey key, std::uint64_t now_ns);

  // A cgroup was made or removed. Returns the container when that is the start or the end of one, to be reported once
  // each however many hierarchies announce it; else an empty reference.
  [[nodiscard]] SlotRef made(CgroupKey key, std::string_view path, std::uint64_t now_ns);
  [[nodiscard]] SlotRef removed(CgroupKey key, std::string_view path, std::uint64_t now_ns);

  void expire(std::uint64_t now_ns);

  [[nodiscard]] std::size_t size() const { return slab_.size(); }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Entry {
    CgroupKey key;
    Place place;
    bool own = false;              // the container's own cgroup, counted in Container::own_cgroups
    std::uint64_t removed_ns = 0;  // 0 while it is there
    std::uint64_t retry_ns = 0;    // kind unknown: when to ask again
  };

  [[nodiscard]] Slot find(CgroupKey key) const;
  Entry& entry_for(CgroupKey key);  // finds or adds, evicting if need be
  void put(Entry& entry, const CgroupPath& path, std::uint64_t now_ns);
  void resolve(Entry& entry, std::uint64_t now_ns);
  void disown(Entry& entry);
  void forget(Slot slot);

  ContainerTable& containers_;
  CgroupResolver* resolver_;
  Slab<Entry> slab_;
  SlotIndex index_;
  SlotList present_;  // longest unasked first
  SlotList removed_;  // longest removed first
  Counters counters_;
};

}  // namespace bongsu
