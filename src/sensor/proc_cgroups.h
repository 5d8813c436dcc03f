// SPDX-License-Identifier: Apache-2.0
//
// A process's cgroup ids out of /proc/PID/cgroup and the mounted cgroup file systems: the id is the directory's inode
// number.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "wire/wire.h"

namespace bongsu {

class ProcCgroups {
 public:
  // Reads proc's self/mountinfo. Without cgroup mounts no id is known.
  explicit ProcCgroups(const std::filesystem::path& proc);

  // The members that the kernel side fills from the task's css set (bpf/lib/task.bpf.h): the v2 id, and of the v1
  // hierarchies of memory, pids and cpu the first in which the process is not at the root. `proc_cgroup` is
  // /proc/PID/cgroup.
  void fill(bongsu_task& task, std::string_view proc_cgroup) const;

 private:
  struct Mount {
    std::string point;
    std::string root;  // the cgroup that is mounted there
    bool v2 = false;
    std::vector<std::string> options;  // of the super block: v1 controllers among them
  };

  // The id of the cgroup at `path` of the hierarchy, whose v1 controller is given (empty: v2); 0 when it is not to be
  // had.
  [[nodiscard]] std::uint64_t id_of(std::string_view controller, std::string_view path) const;

  std::vector<Mount> mounts_;
};

}  // namespace bongsu
