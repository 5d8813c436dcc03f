// SPDX-License-Identifier: Apache-2.0
//
// What is known of one process, and of the program it executes. Both live in the process table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "identity/slots.h"
#include "wire/wire.h"

namespace bongsu {

// 16 hex digits that name a process on this host and boot. The same for the same boot id, pid and start time, so that
// it survives a restart of the monitor.
using EntityId = std::array<char, 16>;

class EntityIds {
 public:
  explicit EntityIds(std::string_view boot_id);
  [[nodiscard]] EntityId of(std::uint32_t pid, std::uint64_t start_ns) const;

 private:
  std::uint64_t boot_ = 0;
};

// Facts of a program, borrowed from a Program or straight from an exec record.
struct ProgramView {
  std::string_view executable;
  std::string_view requested;
  std::string_view args;  // NUL-separated
  std::uint32_t args_count = 0;
  std::uint32_t flags = 0;  // enum bongsu_exec_flags
  bool args_known = false;  // else no arguments does not mean that there were none
  bool known = false;

  // process.name: the last component of the path given to exec; of the executable where that path was a magic link
  // (/proc/self/exe, /dev/fd/3) or is not known. Empty when neither tells.
  [[nodiscard]] std::string_view name() const;
};

// What one execve made of a process. Children of fork share it with their creator until one of them executes.
struct Program {
  std::string executable;
  std::string requested;
  std::string args;
  std::uint32_t args_count = 0;
  std::uint32_t flags = 0;
  bool args_known = false;
  std::uint64_t time_ns = 0;  // of the exec; 0 when it is only known from the snapshot
  std::string_view name;      // into executable or requested
  std::uint32_t references = 0;

  [[nodiscard]] ProgramView view() const { return {executable, requested, args, args_count, flags, args_known, true}; }
};

struct Process {
  std::uint32_t pid = 0;
  std::uint64_t start_ns = 0;
  EntityId entity_id{};

  // Who created it; stays when that one ends. The reference may be empty or void, the numbers remain. Pid 0: none.
  std::uint32_t parent_pid = 0;
  std::uint64_t parent_start_ns = 0;
  SlotRef parent;

  const Program* program = nullptr;  // null: not known
  Slot program_slot = kNoSlot;
  SlotRef container;  // where its last record saw it; empty: on the host
  // The container whose workload it became, as it, or who made it, executed something there. Empty: none; it came from
  // the host, if where it is from is known.
  SlotRef workload_of;
  bool origin_known = false;

  bongsu_task task{};  // as its newest record told it; working_directory there is void, the text is below
  std::uint64_t task_time_ns = 0;
  std::string working_directory;

  bool fork_seen = false;
  bool exit_seen = false;
  bool dead = false;  // its exit was seen, or follows from its pid being another's now
  std::uint64_t dead_ns = 0;
  std::uint32_t children = 0;  // entries of the table that point here as their parent
  Slot slot = kNoSlot;         // its own; kNoSlot when it is not in the table
  std::uint32_t generation = 0;

  [[nodiscard]] std::string_view comm() const;
  [[nodiscard]] std::string_view name() const;  // the program's, or the comm of a kernel thread
  [[nodiscard]] std::string_view entity() const { return {entity_id.data(), entity_id.size()}; }
};

// A comm as text: up to its NUL, or all of it.
[[nodiscard]] std::string_view comm_text(const char (&comm)[BONGSU_COMM_BYTES]);

}  // namespace bongsu
