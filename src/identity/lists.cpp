// SPDX-License-Identifier: Apache-2.0
#include "identity/lists.h"

#include <array>
#include <bit>
#include <string_view>

#include "wire/wire.h"

namespace bongsu {
namespace {

// linux/capability.h of Linux 6.12, by number.
constexpr std::array<std::string_view, 64> kCapabilities = {
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
    "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN",
    "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    // not named yet
    "CAP_41", "CAP_42", "CAP_43", "CAP_44", "CAP_45", "CAP_46", "CAP_47", "CAP_48", "CAP_49", "CAP_50", "CAP_51",
    "CAP_52", "CAP_53", "CAP_54", "CAP_55", "CAP_56", "CAP_57", "CAP_58", "CAP_59", "CAP_60", "CAP_61", "CAP_62",
    "CAP_63"};
static_assert(kCapabilities[40] == "CAP_CHECKPOINT_RESTORE" && kCapabilities[63] == "CAP_63");

// In the order of enum bongsu_namespace.
constexpr std::array<std::string_view, BONGSU_NS_COUNT> kNamespaces = {"cgroup", "ipc",  "mnt",  "net",
                                                                       "pid",    "time", "user", "uts"};
static_assert(BONGSU_NS_CGROUP == 0 && BONGSU_NS_PID == 4 && BONGSU_NS_UTS == BONGSU_NS_COUNT - 1);

// The cursor is the bit to look at next; `source` is the table of names.
template <typename Names>
bool next_bit(const void* source, std::uint64_t mask, std::uint64_t& cursor, std::string_view& out) {
  const auto& names = *static_cast<const Names*>(source);
  if (cursor >= names.size() || mask >> cursor == 0) {
    return false;
  }
  cursor += static_cast<std::uint64_t>(std::countr_zero(mask >> cursor));
  if (cursor >= names.size()) {
    return false;
  }
  out = names[cursor++];
  return true;
}

bool next_single(const void* source, std::uint64_t /*extra*/, std::uint64_t& cursor, std::string_view& out) {
  out = *static_cast<const std::string_view*>(source);
  return cursor++ == 0;
}

}  // namespace

StringList capability_names(std::uint64_t mask) { return {&kCapabilities, mask, &next_bit<decltype(kCapabilities)>}; }

StringList namespace_names(std::uint64_t mask) { return {&kNamespaces, mask, &next_bit<decltype(kNamespaces)>}; }

StringList single(const std::string_view& text) { return {&text, 0, &next_single}; }

}  // namespace bongsu
