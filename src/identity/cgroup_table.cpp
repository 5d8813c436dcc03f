// SPDX-License-Identifier: Apache-2.0
#include "identity/cgroup_table.h"

#include <algorithm>

namespace bongsu {
namespace {

std::uint64_t hash_of(CgroupKey key) { return mix(key.id ^ mix(key.hierarchy)); }

}  // namespace

CgroupTable::CgroupTable(ContainerTable& containers, CgroupResolver* resolver, std::size_t capacity)
    : containers_(containers), resolver_(resolver), slab_(capacity), index_(capacity) {}

Place CgroupTable::place_of(const bongsu_task& task, std::uint64_t now_ns) {
  // Id 0: no such hierarchy, or (v1) the root in each, which is the host.
  const CgroupKey keys[] = {{0, task.cgroup_id}, {task.cgroup_v1_hierarchy, task.cgroup_v1_id}};
  Place::Kind kind = Place::Kind::host;
  for (const CgroupKey& key : keys) {
    if (key.id == 0) {
      continue;
    }
    const Place place = lookup(key, now_ns);
    if (place.kind == Place::Kind::container) {
      return place;
    }
    if (place.kind == Place::Kind::unknown) {
      kind = Place::Kind::unknown;
    }
  }
  return {kind, {}};
}

Place CgroupTable::lookup(CgroupKey key, std::uint64_t now_ns) {
  Entry& entry = entry_for(key);
  const bool forgotten =
      entry.place.kind == Place::Kind::container && containers_.get(entry.place.container) == nullptr;
  if (forgotten) {
    entry.place = {};
    entry.own = false;
    entry.retry_ns = 0;
  }
  if (entry.place.kind == Place::Kind::unknown && entry.retry_ns <= now_ns) {
    resolve(entry, now_ns);
  }
  containers_.touch(entry.place.container);
  return entry.place;
}

SlotRef CgroupTable::made(CgroupKey key, std::string_view path, std::uint64_t now_ns) {
  const CgroupPath parsed = parse_cgroup_path(path);
  Entry& entry = entry_for(key);
  put(entry, parsed, now_ns);
  Container* container = containers_.get(entry.place.container);
  if (container == nullptr || !parsed.own) {
    return {};
  }
  // Ended and made anew: `docker restart` keeps the id. A record that is merely late is older than the end.
  if (!container->live() && now_ns > container->ended_ns) {
    containers_.revive(entry.place.container);
  }
  if (container->start_told) {
    return {};
  }
  container->start_told = true;
  return entry.place.container;
}

// The end is told when the last of the container's own cgroups that are known has gone. Of one that was there before
// the monitor some are not known: then the first to go tells, and that is right too, for a cgroup with a task in it
// cannot go.
SlotRef CgroupTable::removed(CgroupKey key, std::string_view path, std::uint64_t now_ns) {
  const CgroupPath parsed = parse_cgroup_path(path);
  Entry& entry = entry_for(key);
  if (entry.removed_ns != 0) {
    return {};
  }
  put(entry, parsed, now_ns);
  disown(entry);
  entry.removed_ns = std::max<std::uint64_t>(now_ns, 1);
  const Slot slot = find(key);
  present_.remove(slot);
  removed_.push_back(slot);

  Container* container = containers_.get(entry.place.container);
  if (container == nullptr || !parsed.own || !container->live() || container->own_cgroups != 0) {
    return {};
  }
  containers_.end(entry.place.container, now_ns);
  return entry.place.container;
}

void CgroupTable::expire(std::uint64_t now_ns) {
  while (removed_.front() != kNoSlot && slab_[removed_.front()].removed_ns + kKeepRemovedNs <= now_ns) {
    forget(removed_.front());
  }
}

Slot CgroupTable::find(CgroupKey key) const {
  return index_.find(hash_of(key), [&](Slot candidate) { return slab_[candidate].key == key; });
}

CgroupTable::Entry& CgroupTable::entry_for(CgroupKey key) {
  if (const Slot known = find(key); known != kNoSlot) {
    if (present_.contains(known)) {
      present_.move_to_back(known);
    }
    return slab_[known];
  }
  if (slab_.full()) {
    const bool any_removed = removed_.front() != kNoSlot;
    counters_.evicted += any_removed ? 0U : 1U;
    forget(any_removed ? removed_.front() : present_.front());
  }
  const Slot slot = slab_.acquire();
  slab_[slot] = Entry{};
  slab_[slot].key = key;
  index_.insert(hash_of(key), slot);
  present_.push_back(slot);
  return slab_[slot];
}

void CgroupTable::put(Entry& entry, const CgroupPath& path, std::uint64_t now_ns) {
  disown(entry);
  if (!path.is_container()) {
    entry.place = {Place::Kind::host, {}};
    return;
  }
  entry.place = {Place::Kind::container, containers_.add(path, now_ns)};
  if (path.own && entry.removed_ns == 0) {
    entry.own = true;
    ++containers_.get(entry.place.container)->own_cgroups;
  }
}

void CgroupTable::resolve(Entry& entry, std::uint64_t now_ns) {
  const auto path = resolver_ == nullptr || entry.removed_ns != 0 ? std::nullopt : resolver_->path_of(entry.key);
  if (!path) {
    ++counters_.unresolved;
    entry.retry_ns = now_ns + kRetryNs;
    return;
  }
  ++counters_.resolved;
  put(entry, parse_cgroup_path(*path), now_ns);
}

void CgroupTable::disown(Entry& entry) {
  if (!entry.own) {
    return;
  }
  entry.own = false;
  if (Container* container = containers_.get(entry.place.container)) {
    --container->own_cgroups;
  }
}

void CgroupTable::forget(Slot slot) {
  disown(slab_[slot]);
  index_.erase(hash_of(slab_[slot].key), slot);
  present_.remove(slot);
  removed_.remove(slot);
  slab_.release(slot);
}

}  // namespace bongsu
