// SPDX-License-Identifier: Apache-2.0
//
// The files of /proc/PID that the fallback snapshot reads, as values (proc(5)).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace bongsu {

struct ProcStat {
  std::uint32_t pid = 0;
  std::string comm;
  std::uint32_t parent_pid = 0;
  std::uint16_t tty_major = 0;
  std::uint16_t tty_minor = 0;
  std::uint64_t start_ticks = 0;
};

struct ProcStatus {
  std::uint32_t uid = 0;
  std::uint32_t euid = 0;
  std::uint32_t gid = 0;
  std::uint32_t egid = 0;
  std::uint64_t cap_effective = 0;
};

// The whole file; empty when it cannot be read.
[[nodiscard]] std::string read_proc_text(const std::filesystem::path& path);

// Nothing when the text is not a whole stat line. The comm may hold anything, parentheses and newlines included.
[[nodiscard]] std::optional<ProcStat> parse_proc_stat(std::string_view text);

// What a line does not tell stays 0.
[[nodiscard]] ProcStatus parse_proc_status(std::string_view text);

// 4026531841 of "mnt:[4026531841]"; 0 when it is not of that form.
[[nodiscard]] std::uint32_t parse_namespace_link(std::string_view link);

}  // namespace bongsu
