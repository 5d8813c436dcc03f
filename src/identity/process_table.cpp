// SPDX-License-Identifier: Apache-2.0
#include "identity/process_table.h"

#include <algorithm>

namespace bongsu {
namespace {

ProgramView facts_of(const Record& record) {
  const auto& exec = record.as<bongsu_exec>();
  return {record.string(exec.executable),
          record.string(exec.requested),
          record.string(exec.args),
          exec.args_count,
          exec.flags,
          true,
          true};
}

ProgramView program_of(const Process& process) {
  return process.program == nullptr ? ProgramView{} : process.program->view();
}

std::uint32_t count_args(std::string_view blob) {
  const auto ends = static_cast<std::uint32_t>(std::count(blob.begin(), blob.end(), '\0'));
  return ends + (blob.empty() || blob.back() == '\0' ? 0 : 1);
}

}  // namespace

ProcessTable::ProcessTable(const ProcessLimits& limits, std::string_view boot_id, ProcReader* reader)
    : limits_(limits),
      entity_ids_(boot_id),
      reader_(reader),
      processes_(limits.max_processes),
      programs_(limits.max_processes + 1, limits.max_args_bytes),  // one for the stray
      by_pid_(limits.max_processes) {}

ProcessTable::Subject ProcessTable::observe(const Record& record) {
  now_ns_ = std::max<std::uint64_t>(now_ns_, record.header().time_ns);
  switch (record.type()) {
    case EventType::exec:
      return record.snapshot() ? on_snapshot(record) : on_exec(record);
    case EventType::fork:
      return on_fork(record);
    case EventType::exit:
      return on_exit(record);
    default: {
      Process& process = know(record);
      return {&process, program_of(process)};
    }
  }
}

// A state, read some time after the probes were attached: events may have told of this process already, and those that
// are older than the snapshot may be still to come.
ProcessTable::Subject ProcessTable::on_snapshot(const Record& record) {
  Process& process = know(record);
  ProgramView facts = facts_of(record);
  const Program* known = process.program;
  // What an exec told is more (the requested path), unless the program has changed since without our being told.
  const bool better =
      known == nullptr || (known->time_ns < record.header().time_ns && known->executable != facts.executable);
  if (facts.executable.empty() || process.dead || !better) {  // no executable: a kernel thread
    return {&process, program_of(process)};
  }
  bool cut = false;
  facts.args_known = !facts.args.empty();
  if (!facts.args_known && reader_ != nullptr &&
      reader_->arguments(process.pid, process.start_ns, BONGSU_ARGS_BYTES, arguments_, cut)) {
    facts.args_known = true;
    facts.args = arguments_;
    facts.args_count = count_args(arguments_);
    facts.flags |= cut ? static_cast<std::uint32_t>(BONGSU_EXEC_ARGS_TRUNCATED) : 0U;
  }
  set_program(process, facts, known == nullptr ? 0 : known->time_ns);
  return {&process, program_of(process)};
}

ProcessTable::Subject ProcessTable::on_exec(const Record& record) {
  Process& process = know(record);
  const ProgramView facts = facts_of(record);
  if (process.program == nullptr || process.program->time_ns <= record.header().time_ns) {
    set_program(process, facts, record.header().time_ns);
  }
  return {&process, facts};  // straight from the record: complete, and right even when a later exec was read before
}

ProcessTable::Subject ProcessTable::on_fork(const Record& record) {
  const auto& fork = record.as<bongsu_fork>();
  Process& process = know(record);
  set_parent(process, fork.creator_pid, fork.creator_start_ns);
  if (process.fork_seen) {
    ++counters_.duplicate_forks;
    return {&process, {}, true};
  }
  process.fork_seen = true;
  if (const Process* creator = parent_of(process);
      creator != nullptr && creator->origin_known && !process.origin_known) {
    process.workload_of = creator->workload_of;
    process.origin_known = true;
  }
  // The child runs its creator's program, unless that one has executed another since and we were told of that first.
  const Process* creator = parent_of(process);
  if (creator == nullptr || creator->program == nullptr || creator->program->time_ns > record.header().time_ns) {
    return {&process, {}};
  }
  const ProgramView inherited = creator->program->view();
  if (process.program == nullptr) {
    share_program(process, *creator);
  }
  return {&process, inherited};
}

ProcessTable::Subject ProcessTable::on_exit(const Record& record) {
  Process& process = know(record);
  // Two threads that end at once on two CPUs may both take themselves for the last (kernels before 6.16).
  const bool duplicate = process.exit_seen;
  counters_.duplicate_exits += duplicate ? 1U : 0U;
  process.exit_seen = true;
  mark_dead(process);
  return {&process, program_of(process), duplicate};
}

// The record's process: found, or made from what the record's task block tells (its fork was lost or is still to come).
Process& ProcessTable::know(const Record& record) {
  const bongsu_task& task = record.task();
  Slot slot = find_slot(task.pid, task.start_ns);
  if (slot == kNoSlot) {
    slot = add(task.pid, task.start_ns);
  }
  Process& process = slot == kNoSlot ? stray(task.pid, task.start_ns) : processes_[slot];
  // The parent it has now may have adopted it: better than none, and put right when the fork record comes.
  if (process.parent_pid == 0 && record.type() != EventType::fork) {
    set_parent(process, task.parent_pid, task.parent_start_ns);
  }
  set_task(process, record);
  return process;
}

void ProcessTable::set_task(Process& process, const Record& record) {
  if (record.header().time_ns < process.task_time_ns) {
    return;
  }
  const bongsu_task& task = record.task();
  const bool first = process.task_time_ns == 0;
  char comm[BONGSU_COMM_BYTES];
  std::copy_n(task.tid == task.pid || first ? task.comm : process.task.comm, BONGSU_COMM_BYTES, comm);
  process.task = task;
  std::copy_n(comm, BONGSU_COMM_BYTES, process.task.comm);  // a process's comm is its first thread's
  process.task_time_ns = record.header().time_ns;
  if (task.working_directory.len != 0) {
    process.working_directory = record.string(task.working_directory);
  }
}

void ProcessTable::set_program(Process& process, const ProgramView& facts, std::uint64_t time_ns) {
  drop_program(process);
  while (!programs_.has_room_for(facts.args.size()) && leaves_.front() != kNoSlot && leaves_.front() != process.slot) {
    ++counters_.evicted_early;
    evict(leaves_.front());
  }
  process.program_slot = programs_.add(facts, time_ns);
  process.program = process.program_slot == kNoSlot ? nullptr : &programs_.at(process.program_slot);
}

void ProcessTable::share_program(Process& process, const Process& from) {
  drop_program(process);
  programs_.share(from.program_slot);
  process.program_slot = from.program_slot;
  process.program = from.program;
}

void ProcessTable::drop_program(Process& process) {
  if (process.program != nullptr) {
    programs_.release(process.program_slot);
    process.program = nullptr;
    process.program_slot = kNoSlot;
  }
}

}  // namespace bongsu
