// SPDX-License-Identifier: Apache-2.0
#include "events/syscalls.h"

#include "wire/wire.h"

namespace bongsu {
namespace {

constexpr SyscallInfo kSyscalls[] = {
#define WATCHED(name, x86_64, i386, arm64, arm, program, events) \
  {#name, {x86_64, i386, arm64, arm}, #program, events, "", BONGSU_CALL_##name},
#define TOLD(name, x86_64, i386, arm64, arm, events, how) \
  {#name, {x86_64, i386, arm64, arm}, "", events, how, BONGSU_CALL_NONE},
#define IGNORED(name, x86_64, i386, arm64, arm, reason) \
  {#name, {x86_64, i386, arm64, arm}, "", "", reason, BONGSU_CALL_NONE},
#include "wire/syscalls.def"
};

constexpr X32Number kX32Numbers[] = {
#define X32(name, number) {#name, number},
#include "wire/syscalls.def"
};

}  // namespace

std::optional<int> SyscallInfo::number(SyscallAbi abi) const {
  const std::int16_t value = numbers[static_cast<std::size_t>(abi)];
  return value < 0 ? std::nullopt : std::optional<int>(value);
}

std::span<const SyscallInfo> syscalls() { return kSyscalls; }
std::span<const X32Number> x32_numbers() { return kX32Numbers; }

std::string_view to_string(SyscallAbi abi) {
  constexpr std::string_view kNames[] = {"x86-64", "i386", "arm64", "arm"};
  return kNames[static_cast<std::size_t>(abi)];
}

}  // namespace bongsu
