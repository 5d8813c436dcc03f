// SPDX-License-Identifier: Apache-2.0
//
// Owns the programs of the process table, shared and counted. Bounds the bytes of arguments it keeps.
#pragma once

#include <cstddef>
#include <cstdint>

#include "identity/process.h"
#include "identity/slots.h"

namespace bongsu {

class ProgramPool {
 public:
  ProgramPool(std::size_t capacity, std::size_t max_args_bytes);

  // Copies the facts, for one holder. Arguments beyond the bound are cut, told in the flags and counted. kNoSlot when
  // full.
  [[nodiscard]] Slot add(const ProgramView& facts, std::uint64_t time_ns);
  void share(Slot slot) { ++programs_[slot].references; }
  void release(Slot slot);  // by one holder

  [[nodiscard]] const Program& at(Slot slot) const { return programs_[slot]; }
  [[nodiscard]] bool has_room_for(std::size_t args_bytes) const { return args_bytes <= max_args_bytes_ - args_bytes_; }
  [[nodiscard]] std::size_t size() const { return programs_.size(); }
  [[nodiscard]] std::size_t args_bytes() const { return args_bytes_; }
  [[nodiscard]] std::uint64_t args_cut() const { return args_cut_; }

 private:
  Slab<Program> programs_;
  std::size_t max_args_bytes_;
  std::size_t args_bytes_ = 0;
  std::uint64_t args_cut_ = 0;
};

// A recycled string keeps its memory for the next use unless it grew beyond what is usual.
void recycle(std::string& text);

}  // namespace bongsu
