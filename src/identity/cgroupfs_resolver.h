// SPDX-License-Identifier: Apache-2.0
//
// Finds a cgroup's path by its id in the mounted cgroup file systems: the id is the file handle (open_by_handle_at(2)),
// the opened directory tells its path. Needs Linux 5.5 and CAP_DAC_READ_SEARCH. Owns a descriptor per hierarchy.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "identity/cgroup_resolver.h"

namespace bongsu {

// One mount of a cgroup hierarchy, from /proc/PID/mountinfo.
struct CgroupMount {
  std::string point;  // where it is mounted
  std::string root;   // the cgroup that is mounted there; "/" for the whole hierarchy
  bool v2 = false;
  std::vector<std::string> controllers;  // v1: "memory", "cpu", "name=systemd", ...
};

[[nodiscard]] std::vector<CgroupMount> parse_cgroup_mounts(std::string_view mountinfo);

// One line of /proc/PID/cgroup, `N:controllers:path`: which controllers hierarchy N has.
struct CgroupHierarchy {
  std::uint32_t id = 0;
  std::vector<std::string> controllers;  // empty: the v2 hierarchy, which has id 0
};

[[nodiscard]] std::vector<CgroupHierarchy> parse_cgroup_hierarchies(std::string_view proc_cgroup);

class CgroupfsResolver final : public CgroupResolver {
 public:
  // `proc_root` is a mounted procfs ("/proc"): its self/mountinfo and self/cgroup say what is mounted where. A root
  // with no cgroup mounts is no error: nothing is found then.
  explicit CgroupfsResolver(std::filesystem::path proc_root);

  // Reads the mounts again when the hierarchy is not known: it may have been mounted since.
  [[nodiscard]] std::optional<std::string> path_of(CgroupKey key) override;

 private:
  struct Hierarchy {
    std::uint32_t id = 0;
    UniqueFd directory;
    std::string point;
    std::string root;
  };

  void scan();
  [[nodiscard]] const Hierarchy* find(std::uint32_t id) const;

  std::filesystem::path proc_root_;
  UniqueFd descriptors_;  // /proc/self/fd, which tells their paths; held open, whatever is mounted over it later
  std::vector<Hierarchy> hierarchies_;
};

}  // namespace bongsu
