// SPDX-License-Identifier: Apache-2.0
//
// The table of system calls as C++ sees it: all of it comes from bpf/wire/syscalls.def at compile time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace bongsu {

// Whose numbers: the columns of the table. x32 has those of x86_64 but for the few in x32_numbers().
enum class SyscallAbi : std::uint8_t { x86_64, i386, aarch64, arm };
inline constexpr SyscallAbi kSyscallAbis[] = {SyscallAbi::x86_64, SyscallAbi::i386, SyscallAbi::aarch64,
                                              SyscallAbi::arm};

struct SyscallInfo {
  std::string_view name;                // the kernel's
  std::array<std::int16_t, 4> numbers;  // by SyscallAbi; -1: that ABI has no such call
  std::string_view program;             // the BPF program that handles its return; empty: none
  std::string_view events;              // what tells it, separated by spaces; empty: nothing does
  std::string_view note;                // of a call with a program empty; else what tells it, or why nothing does
  std::uint16_t call;                   // enum bongsu_call of a call with a program; else BONGSU_CALL_NONE

  // Its number in that ABI; nothing where there is no such call.
  [[nodiscard]] std::optional<int> number(SyscallAbi abi) const;
};

struct X32Number {
  std::string_view name;
  int number;  // without x32's bit
};

[[nodiscard]] std::span<const SyscallInfo> syscalls();     // in file order, which is that of the names
[[nodiscard]] std::span<const X32Number> x32_numbers();    // in order of number
[[nodiscard]] std::string_view to_string(SyscallAbi abi);  // as in the headers of docs/syscalls.md

}  // namespace bongsu
