// SPDX-License-Identifier: Apache-2.0
#include "sensor/proc_snapshot.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sensor/proc_cgroups.h"
#include "sensor/proc_text.h"

namespace bongsu {
namespace {

namespace fs = std::filesystem;

// Order of enum bongsu_namespace.
constexpr std::array<const char*, BONGSU_NS_COUNT> kNamespaceNames = {"cgroup", "ipc",  "mnt",  "net",
                                                                      "pid",    "time", "user", "uts"};
constexpr std::string_view kDeleted = " (deleted)";  // d_path() of fs/d_path.c
constexpr std::string_view kMemfd = "/memfd:";       // mm/memfd.c, as d_path() shows it

std::string link_of(const fs::path& path) {
  std::array<char, BONGSU_PATH_BYTES> target{};
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : std::string();
}

// MKDEV of include/linux/kdev_t.h, as the kernel side reads it from the super block.
std::uint32_t kernel_device(dev_t device) {
  constexpr unsigned kMinorBits = 20;
  return static_cast<std::uint32_t>(major(device)) << kMinorBits | static_cast<std::uint32_t>(minor(device));
}

// Takes off what the kernel appends to the path of a file without a name. A name may end so by itself: the file is then
// still to be found under it, seen from the process.
bool strip_deleted(std::string& path, const struct stat& status, const fs::path& process) {
  if (!path.ends_with(kDeleted)) {
    return false;
  }
  struct stat by_name{};
  const bool named = ::stat((process / "root").concat(path).c_str(), &by_name) == 0 &&
                     by_name.st_ino == status.st_ino && by_name.st_dev == status.st_dev;
  if (named) {
    return false;
  }
  path.resize(path.size() - kDeleted.size());
  return true;
}

// One record in the making.
class Builder {
 public:
  Builder() : words_(BONGSU_RECORD_BYTES / sizeof(std::uint64_t)) {}

  bongsu_exec& begin() {
    wire_ = {};
    used_ = sizeof(wire_);
    return wire_;
  }
  void append(bongsu_str& reference, std::string_view text) {
    text = text.substr(0, BONGSU_PATH_BYTES);
    if (text.empty()) {
      return;
    }
    reference.off = static_cast<std::uint16_t>(used_);
    reference.len = static_cast<std::uint16_t>(text.size());
    std::memcpy(bytes() + used_, text.data(), text.size());
    used_ += text.size();
  }
  [[nodiscard]] std::span<const std::byte> finish() {
    wire_.header.size = static_cast<std::uint32_t>(used_);
    std::memcpy(bytes(), &wire_, sizeof(wire_));
    return {bytes(), used_};
  }

 private:
  [[nodiscard]] std::byte* bytes() { return reinterpret_cast<std::byte*>(words_.data()); }

  bongsu_exec wire_{};
  std::size_t used_ = 0;
  std::vector<std::uint64_t> words_;  // 8-byte aligned
};

void set_executable(Builder& builder, bongsu_exec& record, const fs::path& process) {
  std::string path = link_of(process / "exe");
  struct stat status{};
  if (path.empty() || ::stat((process / "exe").c_str(), &status) != 0) {
    return;  // a kernel thread, or gone
  }
  record.inode = status.st_ino;
  record.device = kernel_device(status.st_dev);
  const bool deleted = strip_deleted(path, status, process);
  if (deleted && path.starts_with(kMemfd)) {
    record.flags |= BONGSU_EXEC_MEMFD;
    path.erase(0, 1);
  } else if (deleted) {
    record.flags |= BONGSU_EXEC_DELETED;
  }
  builder.append(record.executable, path);
}

void set_working_directory(Builder& builder, bongsu_task& task, const fs::path& process) {
  std::string path = link_of(process / "cwd");
  struct stat status{};
  if (::stat((process / "cwd").c_str(), &status) == 0) {
    strip_deleted(path, status, process);
  }
  builder.append(task.working_directory, path);
}

void set_task(bongsu_task& task, const ProcStat& stat, const fs::path& process) {
  task.pid = task.tid = stat.pid;
  task.parent_pid = stat.parent_pid;
  task.tty_major = stat.tty_major;
  task.tty_minor = stat.tty_minor;
  std::copy_n(stat.comm.begin(), std::min<std::size_t>(stat.comm.size(), BONGSU_COMM_BYTES - 1), task.comm);
  const ProcStatus status = parse_proc_status(read_proc_text(process / "status"));
  task.uid = status.uid;
  task.euid = status.euid;
  task.gid = status.gid;
  task.egid = status.egid;
  task.cap_effective = status.cap_effective;
  for (std::size_t i = 0; i < kNamespaceNames.size(); ++i) {
    task.namespaces[i] = parse_namespace_link(link_of(process / "ns" / kNamespaceNames[i]));
  }
}

struct Listed {
  fs::path folder;
  ProcStat stat;
};

Result<std::vector<Listed>> list_processes(const fs::path& proc) {
  std::vector<Listed> processes;
  std::error_code error;
  for (fs::directory_iterator entry(proc, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    const std::optional<ProcStat> stat = parse_proc_stat(read_proc_text(entry->path() / "stat"));
    if (stat) {  // else it ended meanwhile
      processes.push_back({entry->path(), *stat});
    }
  }
  if (error) {
    return fail("cannot list the processes in " + proc.string() + ": " + error.message());
  }
  return processes;
}

}  // namespace

Status read_proc_snapshot(const fs::path& proc, const Clock& clock, const RecordHandler& handle) {
  const Result<std::vector<Listed>> processes = list_processes(proc);
  if (!processes) {
    return tl::make_unexpected(processes.error());
  }
  const auto ns_per_tick = 1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  std::unordered_map<std::uint32_t, std::uint64_t> start_ns;
  for (const Listed& process : *processes) {
    start_ns.emplace(process.stat.pid, process.stat.start_ticks * ns_per_tick);
  }
  const ProcCgroups cgroups(proc);
  Builder builder;
  for (const Listed& process : *processes) {
    bongsu_exec& record = builder.begin();
    record.header.type = BONGSU_EVENT_exec;
    record.header.flags = BONGSU_SNAPSHOT;
    record.header.time_ns = static_cast<std::uint64_t>(clock.boot_ns());
    bongsu_task& task = record.header.task;
    task.start_ns = start_ns.at(process.stat.pid);
    const auto parent = start_ns.find(process.stat.parent_pid);
    task.parent_start_ns = parent == start_ns.end() ? 0 : parent->second;
    set_task(task, process.stat, process.folder);
    cgroups.fill(task, read_proc_text(process.folder / "cgroup"));
    set_working_directory(builder, task, process.folder);
    set_executable(builder, record, process.folder);
    handle(builder.finish());
  }
  return {};
}

}  // namespace bongsu
