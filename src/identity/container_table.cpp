// SPDX-License-Identifier: Apache-2.0
#include "identity/container_table.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace bongsu {
namespace {

std::uint64_t hash_of(std::string_view id) { return mix(std::hash<std::string_view>{}(id)); }

// The literal of that name: Container::runtime borrows nothing.
std::string_view runtime_named(std::string_view name) {
  for (const std::string_view known : {"containerd", "cri-o", "docker", "podman"}) {
    if (known == name) {
      return known;
    }
  }
  return {};
}

}  // namespace

ContainerTable::ContainerTable(std::size_t capacity) : slab_(capacity), index_(capacity) {}

SlotRef ContainerTable::find(std::string_view id) const {
  const Slot slot = index_.find(hash_of(id), [&](Slot candidate) { return slab_[candidate].id == id; });
  return slot == kNoSlot ? SlotRef{} : SlotRef{slot, slab_[slot].generation};
}

SlotRef ContainerTable::add(const CgroupPath& path, std::uint64_t now_ns) {
  if (const SlotRef known = find(path.container_id); !known.empty()) {
    Container& container = slab_[known.slot];
    if (container.runtime.empty()) {
      container.runtime = path.runtime;
    }
    if (container.pod_uid.empty()) {
      container.pod_uid = path.pod_uid.view();
    }
    return known;
  }
  if (slab_.full()) {
    const bool any_ended = ended_.front() != kNoSlot;
    ++(any_ended ? counters_.evicted_ended : counters_.evicted_live);
    forget(any_ended ? ended_.front() : live_.front());
  }
  const Slot slot = slab_.acquire();
  Container& container = slab_[slot];
  container.id = path.container_id;
  container.runtime = path.runtime;
  container.pod_uid = path.pod_uid.view();
  container.facts.reset();
  container.ask_ns = 0;
  container.asked = 0;
  container.first_seen_ns = now_ns;
  container.ended_ns = 0;
  container.own_cgroups = 0;
  container.start_told = false;
  index_.insert(hash_of(container.id), slot);
  live_.push_back(slot);
  ++live_count_;
  return {slot, container.generation};
}

Container* ContainerTable::get(SlotRef ref) {
  return !ref.empty() && slab_[ref.slot].generation == ref.generation ? &slab_[ref.slot] : nullptr;
}

const Container* ContainerTable::get(SlotRef ref) const {
  return !ref.empty() && slab_[ref.slot].generation == ref.generation ? &slab_[ref.slot] : nullptr;
}

void ContainerTable::set_facts(Container& container, ContainerFacts facts) {
  if (container.runtime.empty()) {
    container.runtime = runtime_named(facts.runtime);
  }
  if (container.pod_uid.empty()) {
    container.pod_uid = facts.pod_uid;
  }
  container.facts = std::make_shared<const ContainerFacts>(std::move(facts));
}

void ContainerTable::touch(SlotRef ref) {
  if (get(ref) != nullptr && live_.contains(ref.slot)) {
    live_.move_to_back(ref.slot);
  }
}

void ContainerTable::end(SlotRef ref, std::uint64_t now_ns) {
  Container* container = get(ref);
  if (container == nullptr || !container->live()) {
    return;
  }
  container->ended_ns = std::max<std::uint64_t>(now_ns, 1);
  live_.remove(ref.slot);
  ended_.push_back(ref.slot);
  --live_count_;
}

void ContainerTable::revive(SlotRef ref) {
  Container* container = get(ref);
  if (container == nullptr || container->live()) {
    return;
  }
  container->ended_ns = 0;
  container->start_told = false;
  ended_.remove(ref.slot);
  live_.push_back(ref.slot);
  ++live_count_;
}

void ContainerTable::expire(std::uint64_t now_ns) {
  while (ended_.front() != kNoSlot && slab_[ended_.front()].ended_ns + kKeepEndedNs <= now_ns) {
    forget(ended_.front());
  }
}

void ContainerTable::forget(Slot slot) {
  Container& container = slab_[slot];
  live_count_ -= container.live() ? 1U : 0U;
  index_.erase(hash_of(container.id), slot);
  live_.remove(slot);
  ended_.remove(slot);
  container.facts.reset();
  ++container.generation;  // every reference to it is void from here on
  slab_.release(slot);
}

}  // namespace bongsu
