// SPDX-License-Identifier: Apache-2.0
//
// The processes of this host by (pid, start time), and their ancestors as long as a descendant lives. Fed record by
// record; records of different CPUs may come in any order: each says when it happened, and none undoes a later one.
// Bounded; owns the processes and their programs, borrows the reader. Time is the records'.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "events/record.h"
#include "identity/proc_reader.h"
#include "identity/process.h"
#include "identity/program_pool.h"
#include "identity/slots.h"

namespace bongsu {

struct ProcessLimits {
  std::size_t max_processes = 65536;
  std::size_t max_args_bytes = std::size_t{64} << 20;
  std::uint64_t keep_exited_ns = 10'000'000'000;  // if there is room: late records, and children not yet seen
};

class ProcessTable {
 public:
  struct Counters {
    std::uint64_t created = 0;
    std::uint64_t duplicate_exits = 0;
    std::uint64_t duplicate_forks = 0;
    std::uint64_t implied_exits = 0;  // no exit was read, but the pid has a new owner or none
    std::uint64_t evicted_early = 0;  // exited, forgotten before its time to make room
    std::uint64_t lineage_cut = 0;    // the same, though it had descendants: they lost their ancestors
    std::uint64_t refused = 0;        // no room at all: known for the length of one event
  };

  // What a record is about. The pointers are good until the next record.
  struct Subject {
    Process* process = nullptr;
    ProgramView program;     // at the time of the event
    bool duplicate = false;  // told before; not an event
  };

  // `reader` may be null: then the snapshot's processes have no arguments and the lost are never looked for.
  ProcessTable(const ProcessLimits& limits, std::string_view boot_id, ProcReader* reader);

  // Takes in any record that has a task block.
  Subject observe(const Record& record);

  [[nodiscard]] const Process* find(std::uint32_t pid, std::uint64_t start_ns) const;
  [[nodiscard]] const Process* parent_of(const Process& process) const;  // null when not (or no longer) known
  [[nodiscard]] const EntityIds& entity_ids() const { return entity_ids_; }

  [[nodiscard]] std::size_t size() const { return processes_.size(); }
  [[nodiscard]] const ProgramPool& programs() const { return programs_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  Subject on_snapshot(const Record& record);
  Subject on_exec(const Record& record);
  Subject on_fork(const Record& record);
  Subject on_exit(const Record& record);

  // What is said of a process (process_table.cpp).
  Process& know(const Record& record);
  static void set_task(Process& process, const Record& record);
  void set_program(Process& process, const ProgramView& facts, std::uint64_t time_ns);
  void share_program(Process& process, const Process& from);
  void drop_program(Process& process);

  // How long it is kept (process_lifetime.cpp).
  Slot add(std::uint32_t pid, std::uint64_t start_ns);  // kNoSlot when there is no room
  Process& stray(std::uint32_t pid, std::uint64_t start_ns);
  void set_parent(Process& process, std::uint32_t pid, std::uint64_t start_ns);
  void unlink_parent(Process& process);
  void settle_pid(Slot slot);
  void mark_dead(Process& process);
  void queue_dead(Slot slot);
  bool make_room();
  void evict(Slot slot);
  void look_for_the_lost();
  [[nodiscard]] Slot find_slot(std::uint32_t pid, std::uint64_t start_ns) const;

  ProcessLimits limits_;
  EntityIds entity_ids_;
  ProcReader* reader_;
  Slab<Process> processes_;
  ProgramPool programs_;
  SlotIndex by_pid_;
  SlotList leaves_;        // dead without children in the table: may go, longest dead first
  SlotList ancestors_;     // dead with children in the table
  Process stray_;          // the subject of a record there was no room for
  Slot pinned_ = kNoSlot;  // whose parent is being made room for
  std::string arguments_;
  std::uint64_t now_ns_ = 0;  // of the newest record
  std::uint64_t next_look_ns_ = 0;
  Slot look_at_ = 0;
  Counters counters_;
};

}  // namespace bongsu
