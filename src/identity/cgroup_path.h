// SPDX-License-Identifier: Apache-2.0
//
// What a cgroup's path says: whether it is a container's, which one, of what runtime, in which pod. Pure text; the
// shapes are a table in cgroup_path.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace bongsu {

// The uid of a pod, as the API server writes it. A static pod's is the hash of its manifest: 32 hex digits, no dashes.
class PodUid {
 public:
  // Accepts 8-4-4-4-12 hex digits, with '-' or (in systemd's slices) '_' between them, or 32 hex digits; else stays
  // empty.
  static PodUid from(std::string_view text);

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, 36> text_{};
  std::size_t size_ = 0;
};

struct CgroupPath {
  std::string_view container_id;  // points into the path; empty: no container's
  std::string_view runtime;       // containerd, cri-o, docker, podman; empty when the path does not tell
  PodUid pod_uid;
  bool own = false;  // the container's own cgroup, not one below it

  [[nodiscard]] bool is_container() const { return !container_id.empty(); }
};

// `path` is absolute in its hierarchy, as the kernel and /proc/PID/cgroup write it.
[[nodiscard]] CgroupPath parse_cgroup_path(std::string_view path);

}  // namespace bongsu
