// SPDX-License-Identifier: Apache-2.0
#include "identity/proc_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string_view>

namespace bongsu {
namespace {

// Reads until the end or until `out` has `max_bytes`; false when reading fails.
bool read_all(int fd, std::size_t max_bytes, std::string& out) {
  out.resize(max_bytes);
  std::size_t used = 0;
  while (used < max_bytes) {
    const ssize_t got = ::read(fd, out.data() + used, max_bytes - used);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      out.clear();
      return false;
    }
    if (got == 0) {
      break;
    }
    used += static_cast<std::size_t>(got);
  }
  out.resize(used);
  return true;
}

// What was mounted over a process's directory says nothing of the process: another file system's, or the directory of
// another process.
bool on_same_device(int one, int other) {
  struct stat first{};
  struct stat second{};
  return ::fstat(one, &first) == 0 && ::fstat(other, &second) == 0 && first.st_dev == second.st_dev;
}

std::uint32_t parse_pid(std::string_view stat) {
  std::uint32_t pid = 0;
  std::from_chars(stat.data(), stat.data() + stat.size(), pid);
  return pid;
}

Result<std::string> read_line(const std::filesystem::path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  constexpr std::size_t kMaxBytes = 256;  // a host name has 64 at the most, a boot id 36
  if (!file || !read_all(file.get(), kMaxBytes, text)) {
    return fail_errno("cannot read " + path.string(), errno, "is a procfs mounted there?");
  }
  text.resize(std::min(text.find('\n'), text.size()));
  return text;
}

}  // namespace

std::uint64_t parse_start_ticks(std::string_view stat) {
  // The comm, in parentheses, may hold anything, parentheses and spaces included: count from the last ')'.
  constexpr int kFieldsAfterComm = 19;  // fields 3 to 21 stand between the comm (2) and the start time (22)
  const std::size_t comm_end = stat.rfind(") ");
  if (comm_end == std::string_view::npos) {
    return 0;
  }
  stat.remove_prefix(comm_end + 2);
  for (int i = 0; i < kFieldsAfterComm; ++i) {
    const std::size_t space = stat.find(' ');
    if (space == std::string_view::npos) {
      return 0;
    }
    stat.remove_prefix(space + 1);
  }
  std::uint64_t ticks = 0;
  const auto parsed = std::from_chars(stat.data(), stat.data() + stat.size(), ticks);
  return parsed.ec == std::errc{} ? ticks : 0;
}

ProcfsReader::ProcfsReader(const std::filesystem::path& proc_root)
    : proc_(::open(proc_root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
      ns_per_tick_(1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK))) {}

UniqueFd ProcfsReader::open_process(std::uint32_t pid, std::uint64_t start_ns, bool& gone) const {
  UniqueFd directory(::openat(proc_.get(), std::to_string(pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) {
    gone = errno == ENOENT;
    return {};
  }
  const UniqueFd stat(::openat(directory.get(), "stat", O_RDONLY | O_CLOEXEC));
  std::string text;
  constexpr std::size_t kStatBytes = 1024;  // 52 numbers and a comm
  if (!stat || !read_all(stat.get(), kStatBytes, text)) {
    gone = (errno == ENOENT || errno == ESRCH) && on_same_device(proc_.get(), directory.get());
    return {};
  }
  if (parse_pid(text) != pid) {
    return {};
  }
  // The kernel rounds the same way: nsec_to_clock_t() of the start's boot time, fs/proc/array.c.
  if (parse_start_ticks(text) != start_ns / ns_per_tick_) {
    gone = true;
    return {};
  }
  return directory;
}

bool ProcfsReader::arguments(std::uint32_t pid, std::uint64_t start_ns, std::size_t max_bytes, std::string& out,
                             bool& truncated) {
  bool gone = false;
  out.clear();
  truncated = false;
  const UniqueFd directory = open_process(pid, start_ns, gone);
  const UniqueFd file(directory ? ::openat(directory.get(), "cmdline", O_RDONLY | O_CLOEXEC) : -1);
  if (!file || !read_all(file.get(), max_bytes + 1, out)) {
    return false;
  }
  truncated = out.size() > max_bytes;
  if (truncated) {
    out.resize(max_bytes);
  }
  return true;
}

bool ProcfsReader::exists(std::uint32_t pid, std::uint64_t start_ns) {
  bool gone = false;
  (void)open_process(pid, start_ns, gone);
  return !gone;
}

Result<std::string> read_boot_id(const std::filesystem::path& proc_root) {
  return read_line(proc_root / "sys/kernel/random/boot_id");
}

Result<std::string> read_host_name(const std::filesystem::path& proc_root) {
  return read_line(proc_root / "sys/kernel/hostname");
}

}  // namespace bongsu
