// SPDX-License-Identifier: Apache-2.0
//
// ProcessTable: who is kept, as whose child, and who goes when room is needed.
#include <algorithm>

#include "identity/process_table.h"

namespace bongsu {
namespace {

constexpr int kExpiredPerEntry = 4;                  // more go than come, at a bounded cost each time
constexpr std::uint64_t kLookEveryNs = 100'000'000;  // looking for the lost asks /proc: rarely, and
constexpr std::size_t kLookAt = 256;                 // only at so many at a time

std::uint64_t hash_of(std::uint32_t pid) { return mix(pid); }

}  // namespace

const Process* ProcessTable::find(std::uint32_t pid, std::uint64_t start_ns) const {
  const Slot slot = find_slot(pid, start_ns);
  return slot == kNoSlot ? nullptr : &processes_[slot];
}

const Process* ProcessTable::parent_of(const Process& process) const {
  const SlotRef ref = process.parent;
  return !ref.empty() && processes_[ref.slot].generation == ref.generation ? &processes_[ref.slot] : nullptr;
}

Slot ProcessTable::find_slot(std::uint32_t pid, std::uint64_t start_ns) const {
  return by_pid_.find(hash_of(pid),
                      [&](Slot slot) { return processes_[slot].pid == pid && processes_[slot].start_ns == start_ns; });
}

Slot ProcessTable::add(std::uint32_t pid, std::uint64_t start_ns) {
  if (!make_room()) {
    ++counters_.refused;
    return kNoSlot;
  }
  const Slot slot = processes_.acquire();
  Process& process = processes_[slot];
  process.slot = slot;
  process.pid = pid;
  process.start_ns = start_ns;
  process.entity_id = entity_ids_.of(pid, start_ns);
  by_pid_.insert(hash_of(pid), slot);
  ++counters_.created;
  settle_pid(slot);
  return slot;
}

// Known for the length of one event, and to nobody else.
Process& ProcessTable::stray(std::uint32_t pid, std::uint64_t start_ns) {
  drop_program(stray_);
  stray_ = Process{};
  stray_.pid = pid;
  stray_.start_ns = start_ns;
  stray_.entity_id = entity_ids_.of(pid, start_ns);
  return stray_;
}

// A pid has one owner at a time: of several that are known, all but the youngest have ended.
void ProcessTable::settle_pid(Slot slot) {
  const std::uint32_t pid = processes_[slot].pid;
  const auto imply_exit = [&](Slot other) {
    Process& process = processes_[other];
    counters_.implied_exits += process.dead ? 0U : 1U;
    mark_dead(process);
  };
  Slot youngest = slot;
  (void)by_pid_.find(hash_of(pid), [&](Slot other) {
    if (other != slot && processes_[other].pid == pid) {
      const bool younger = processes_[other].start_ns > processes_[youngest].start_ns;
      imply_exit(younger ? youngest : other);
      youngest = younger ? other : youngest;
    }
    return false;  // look at all of them
  });
}

void ProcessTable::set_parent(Process& process, std::uint32_t pid, std::uint64_t start_ns) {
  const bool itself = pid == process.pid && start_ns == process.start_ns;
  const bool same = pid == process.parent_pid && start_ns == process.parent_start_ns && parent_of(process) != nullptr;
  if (pid == 0 || itself || same) {  // pid 0: the idle task, which is nobody's parent in any list
    return;
  }
  unlink_parent(process);
  process.parent_pid = pid;
  process.parent_start_ns = start_ns;
  const bool listed = process.slot != kNoSlot;
  Slot parent = find_slot(pid, start_ns);
  if (parent == kNoSlot && listed) {
    // It exists, or did when the record was made: a place for what its own record will tell, so that it is kept for us.
    leaves_.remove(process.slot);  // not to make that room by evicting the child
    ancestors_.remove(process.slot);
    pinned_ = process.slot;
    parent = add(pid, start_ns);
    pinned_ = kNoSlot;
    if (process.dead) {
      queue_dead(process.slot);
    }
  }
  if (parent == kNoSlot) {
    return;
  }
  process.parent = {parent, processes_[parent].generation};
  if (listed) {
    ++processes_[parent].children;
    queue_dead(parent);
  }
}

void ProcessTable::unlink_parent(Process& process) {
  const Process* parent = process.slot == kNoSlot ? nullptr : parent_of(process);
  if (parent != nullptr) {
    --processes_[parent->slot].children;
    queue_dead(parent->slot);
  }
  process.parent = {};
}

void ProcessTable::mark_dead(Process& process) {
  if (process.dead) {
    return;
  }
  process.dead = true;
  process.dead_ns = now_ns_;
  if (process.slot != kNoSlot) {
    queue_dead(process.slot);
  }
}

// Puts a dead process into the list where it belongs; a living one is in none.
void ProcessTable::queue_dead(Slot slot) {
  if (!processes_[slot].dead) {
    return;
  }
  const bool leaf = processes_[slot].children == 0;
  (leaf ? ancestors_ : leaves_).remove(slot);
  if (SlotList& list = leaf ? leaves_ : ancestors_; !list.contains(slot)) {
    list.push_back(slot);
  }
}

bool ProcessTable::make_room() {
  const auto expired = [&](Slot slot) { return processes_[slot].dead_ns + limits_.keep_exited_ns <= now_ns_; };
  for (int i = 0; i < kExpiredPerEntry && leaves_.front() != kNoSlot && expired(leaves_.front()); ++i) {
    evict(leaves_.front());
  }
  if (!processes_.full()) {
    return true;
  }
  if (leaves_.front() == kNoSlot) {
    look_for_the_lost();
  }
  if (leaves_.front() != kNoSlot) {
    counters_.evicted_early += expired(leaves_.front()) ? 0U : 1U;
    evict(leaves_.front());
    return true;
  }
  if (ancestors_.front() != kNoSlot) {
    ++counters_.lineage_cut;
    evict(ancestors_.front());
    return true;
  }
  return false;
}

void ProcessTable::evict(Slot slot) {
  Process& process = processes_[slot];
  leaves_.remove(slot);
  ancestors_.remove(slot);
  unlink_parent(process);
  drop_program(process);
  by_pid_.erase(hash_of(process.pid), slot);
  recycle(process.working_directory);
  Process fresh;  // with the memory of the old one, and references to the old one made void
  fresh.generation = process.generation + 1;
  fresh.working_directory.swap(process.working_directory);
  process = std::move(fresh);
  processes_.release(slot);
}

// Exit records can be lost when the kernel's ring is full; nothing else would ever free those entries.
void ProcessTable::look_for_the_lost() {
  if (reader_ == nullptr || now_ns_ < next_look_ns_) {
    return;
  }
  next_look_ns_ = now_ns_ + kLookEveryNs;
  for (std::size_t i = 0; i < std::min(kLookAt, processes_.slots()); ++i) {
    look_at_ = look_at_ + 1 < processes_.slots() ? look_at_ + 1 : 0;
    Process& process = processes_[look_at_];
    if (process.slot != kNoSlot && process.slot != pinned_ && !process.dead &&
        !reader_->exists(process.pid, process.start_ns)) {
      ++counters_.implied_exits;
      mark_dead(process);
    }
  }
}

}  // namespace bongsu
