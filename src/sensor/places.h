// SPDX-License-Identifier: Apache-2.0
//
// What the kernel side is told of cgroups: the map `places`, and what was put there, so that what another puts there is
// found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "wire/wire.h"

namespace bongsu {

class Places {
 public:
  // Borrows the map's descriptor.
  explicit Places(int map) : map_(map) {}

  // `place` is of enum bongsu_place.
  void tell(const bongsu_cgroup_key& cgroup, std::uint32_t place);
  // Whether anything was told of it; by the last one asked for, this costs nothing.
  [[nodiscard]] bool is_told(const bongsu_cgroup_key& cgroup);
  // What was told is true no more.
  void forget();

  // Sets right what another changed: some entries in turn, so that a call stays short. Whether there was something.
  [[nodiscard]] bool restore();

  static constexpr std::size_t kMost = 4096;  // half of what the map holds: it forgets what was not used longest
  static constexpr std::size_t kLooks = 64;   // at entries, of a restore()

 private:
  using CgroupId = std::pair<std::uint64_t, std::uint32_t>;  // and its hierarchy

  int map_;
  std::map<CgroupId, std::uint32_t> told_;
  CgroupId last_;  // asked for and found; {0, 0} is no cgroup
  bongsu_cgroup_key next_look_{};
};

}  // namespace bongsu
