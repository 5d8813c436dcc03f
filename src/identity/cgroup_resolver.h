// SPDX-License-Identifier: Apache-2.0
//
// How the cgroup table learns of a cgroup that no record announced: one made before the monitor started.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace bongsu {

// Ids are unique within a hierarchy only: hierarchies of v1 and the one of v2 use the same small numbers.
struct CgroupKey {
  std::uint32_t hierarchy = 0;  // cgroup_root.hierarchy_id; 0: the default (v2) hierarchy
  std::uint64_t id = 0;         // the kernfs node's, which is the directory's inode number

  bool operator==(const CgroupKey&) const = default;
};

class CgroupResolver {
 public:
  virtual ~CgroupResolver() = default;
  // The path from the root of its hierarchy ("/" for the root); nothing when there is no such cgroup (any more). Of one
  // that lies too deep to have a path, that of one above it.
  [[nodiscard]] virtual std::optional<std::string> path_of(CgroupKey key) = 0;
};

}  // namespace bongsu
