// SPDX-License-Identifier: Apache-2.0
#include "support/kernel/cgroup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "support/kernel/child.h"

namespace bongsu::test {
namespace {

bool listed(const std::string& list, const std::string& word) {
  return ("," + list + ",").find("," + word + ",") != std::string::npos;
}

// The mount of file system `type`, of the hierarchy that has `controller` where that is not empty.
std::string mount_of(const std::string& type, const std::string& controller) {
  std::istringstream mounts(read_file("/proc/self/mounts"));
  std::string device;
  std::string point;
  std::string found_type;
  std::string options;
  std::string rest;
  while (mounts >> device >> point >> found_type >> options && std::getline(mounts, rest)) {
    if (found_type == type && (controller.empty() || listed(options, controller))) {
      return point;
    }
  }
  return "";
}

std::uint32_t hierarchy_of(const std::string& controller) {
  std::istringstream lines(read_file("/proc/self/cgroup"));
  std::string line;
  while (std::getline(lines, line)) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (listed(line.substr(first + 1, second - first - 1), controller)) {
      return static_cast<std::uint32_t>(std::stoul(line));
    }
  }
  return 0;
}

bool enter_directory(const std::string& directory) {
  std::ofstream procs(directory + "/cgroup.procs");
  procs << ::getpid() << std::flush;
  return procs.good();
}

}  // namespace

CgroupTree CgroupTree::v2() { return {mount_of("cgroup2", ""), 0}; }

CgroupTree CgroupTree::v1(const std::string& controller) {
  return {mount_of("cgroup", controller), hierarchy_of(controller)};
}

CgroupTree::CgroupTree(std::string root, std::uint32_t hierarchy)
    : root_(std::move(root)), name_("/bongsu-test-" + std::to_string(::getpid())), hierarchy_(hierarchy) {
  if (valid() && (::mkdir(directory(outer()).c_str(), 0755) != 0 || ::mkdir(directory(inner()).c_str(), 0755) != 0)) {
    throw std::system_error(errno, std::generic_category(), "mkdir " + directory(inner()));
  }
}

CgroupTree::~CgroupTree() {
  if (valid()) {
    ::rmdir(directory(inner()).c_str());
    ::rmdir(directory(outer()).c_str());
  }
}

std::uint64_t CgroupTree::id() const {
  struct stat status{};
  return ::stat(directory(inner()).c_str(), &status) == 0 ? status.st_ino : 0;
}

bool CgroupTree::enter() const { return enter_directory(directory(inner())); }
bool CgroupTree::enter_root() const { return enter_directory(root_); }

}  // namespace bongsu::test
