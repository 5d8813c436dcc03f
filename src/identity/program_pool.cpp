// SPDX-License-Identifier: Apache-2.0
#include "identity/program_pool.h"

#include <algorithm>

namespace bongsu {

ProgramPool::ProgramPool(std::size_t capacity, std::size_t max_args_bytes)
    : programs_(capacity), max_args_bytes_(max_args_bytes) {}

Slot ProgramPool::add(const ProgramView& facts, std::uint64_t time_ns) {
  const Slot slot = programs_.acquire();
  if (slot == kNoSlot) {
    return kNoSlot;
  }
  Program& program = programs_[slot];
  program.executable = facts.executable;
  program.requested = facts.requested;
  program.args_count = facts.args_count;
  program.flags = facts.flags;
  program.args_known = facts.args_known;
  program.args = facts.args.substr(0, std::min(facts.args.size(), max_args_bytes_ - args_bytes_));
  if (program.args.size() < facts.args.size()) {
    program.flags |= BONGSU_EXEC_ARGS_TRUNCATED;
    ++args_cut_;
  }
  args_bytes_ += program.args.size();
  program.time_ns = time_ns;
  program.name = program.view().name();
  program.references = 1;
  return slot;
}

void ProgramPool::release(Slot slot) {
  Program& program = programs_[slot];
  if (--program.references != 0) {
    return;
  }
  args_bytes_ -= program.args.size();
  recycle(program.executable);
  recycle(program.requested);
  recycle(program.args);
  programs_.release(slot);
}

void recycle(std::string& text) {
  constexpr std::size_t kUsualBytes = 256;  // the capacity of a path or command line of the common kind
  text.clear();
  if (text.capacity() > kUsualBytes) {
    text.shrink_to_fit();
  }
}

}  // namespace bongsu
