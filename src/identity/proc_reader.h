// SPDX-License-Identifier: Apache-2.0
//
// What only /proc knows of a process that was there before the monitor: its arguments. And, when the process table is
// full, whether a process is still there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bongsu {

class ProcReader {
 public:
  virtual ~ProcReader() = default;
  // The arguments of the process with this pid AND start time, NUL-separated, at most `max_bytes` of them. False when
  // it is gone or another one has its pid. `truncated` says that there was more.
  [[nodiscard]] virtual bool arguments(std::uint32_t pid, std::uint64_t start_ns, std::size_t max_bytes,
                                       std::string& out, bool& truncated) = 0;
  // False only when it is certain that the process is gone.
  [[nodiscard]] virtual bool exists(std::uint32_t pid, std::uint64_t start_ns) = 0;
};

// The real one. `proc_root` is a procfs of the initial pid namespace ("/proc", or the host's where it is mounted). It
// is held open: what is mounted over it later is not asked.
class ProcfsReader final : public ProcReader {
 public:
  explicit ProcfsReader(const std::filesystem::path& proc_root);

  [[nodiscard]] bool arguments(std::uint32_t pid, std::uint64_t start_ns, std::size_t max_bytes, std::string& out,
                               bool& truncated) override;
  [[nodiscard]] bool exists(std::uint32_t pid, std::uint64_t start_ns) override;

 private:
  // The process's directory, held open: what is opened below it is this process's or fails, whatever becomes of the
  // pid.
  [[nodiscard]] UniqueFd open_process(std::uint32_t pid, std::uint64_t start_ns, bool& gone) const;

  UniqueFd proc_;
  std::uint64_t ns_per_tick_;
};

// The start time in clock ticks out of /proc/PID/stat (field 22); 0 when the text is not of that form.
[[nodiscard]] std::uint64_t parse_start_ticks(std::string_view stat);

// The kernel's random id of this boot, without the newline.
[[nodiscard]] Result<std::string> read_boot_id(const std::filesystem::path& proc_root);

// The host name, as this process's UTS namespace has it.
[[nodiscard]] Result<std::string> read_host_name(const std::filesystem::path& proc_root);

}  // namespace bongsu
