// SPDX-License-Identifier: Apache-2.0
#include "sensor/places.h"

#include <bpf/bpf.h>

#include <cerrno>

#include "base/log.h"

namespace bongsu {

void Places::tell(const bongsu_cgroup_key& cgroup, std::uint32_t place) {
  if (told_.size() >= kMost) {
    forget();
  }
  told_[CgroupId(cgroup.id, cgroup.hierarchy)] = place;
  if (bpf_map_update_elem(map_, &cgroup, &place, BPF_ANY) != 0) {
    log::debug("cannot say what a cgroup is: errno {}", errno);  // more of its events come than need be
  }
}

bool Places::is_told(const bongsu_cgroup_key& cgroup) {
  const CgroupId id(cgroup.id, cgroup.hierarchy);
  if (last_ == id) {
    return true;
  }
  if (!told_.contains(id)) {
    return false;
  }
  last_ = id;
  return true;
}

void Places::forget() {
  told_.clear();
  last_ = {};
  bongsu_cgroup_key key{};
  while (bpf_map_get_next_key(map_, nullptr, &key) == 0 && bpf_map_delete_elem(map_, &key) == 0) {
  }
}

bool Places::restore() {
  bool changed = false;
  bongsu_cgroup_key key{};
  for (std::size_t i = 0; i < kLooks; ++i) {
    if (bpf_map_get_next_key(map_, &next_look_, &key) != 0) {
      next_look_ = {};  // no key: the next call begins with the first
      break;
    }
    next_look_ = key;
    std::uint32_t found = 0;
    if (bpf_map_lookup_elem(map_, &key, &found) != 0) {
      continue;
    }
    const auto told = told_.find(CgroupId(key.id, key.hierarchy));
    if (told == told_.end()) {
      changed = true;
      bpf_map_delete_elem(map_, &key);
    } else if (told->second != found) {
      changed = true;
      bpf_map_update_elem(map_, &key, &told->second, BPF_ANY);
    }
  }
  return changed;
}

}  // namespace bongsu
