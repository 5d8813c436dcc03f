// SPDX-License-Identifier: Apache-2.0
//
// A cgroup of a test's own in one hierarchy, bongsu-test-PID/inner; removed at the end. Where the machine does not
// mount such a hierarchy it is not valid.
#pragma once

#include <cstdint>
#include <string>

namespace bongsu::test {

class CgroupTree {
 public:
  [[nodiscard]] static CgroupTree v2();
  [[nodiscard]] static CgroupTree v1(const std::string& controller);
  ~CgroupTree();
  CgroupTree(const CgroupTree&) = delete;
  CgroupTree& operator=(const CgroupTree&) = delete;

  [[nodiscard]] bool valid() const { return !root_.empty(); }
  [[nodiscard]] std::uint32_t hierarchy() const { return hierarchy_; }  // cgroup_root.hierarchy_id; 0: v2
  [[nodiscard]] std::string inner() const { return name_ + "/inner"; }  // path from the hierarchy's root
  [[nodiscard]] std::string outer() const { return name_; }
  [[nodiscard]] std::string directory(const std::string& path) const { return root_ + path; }
  [[nodiscard]] std::uint64_t id() const;  // of the inner one: its directory's inode number
  [[nodiscard]] bool enter() const;        // the calling process, into the inner one
  [[nodiscard]] bool enter_root() const;

 private:
  CgroupTree(std::string root, std::uint32_t hierarchy);
  std::string root_;  // where the hierarchy is mounted
  std::string name_;
  std::uint32_t hierarchy_;
};

}  // namespace bongsu::test
