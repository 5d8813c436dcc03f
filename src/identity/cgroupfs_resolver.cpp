// SPDX-License-Identifier: Apache-2.0
#include "identity/cgroupfs_resolver.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace bongsu {
namespace {

constexpr int kFileidKernfs = 0xfe;  // FILEID_KERNFS, include/linux/exportfs.h: the handle is the node's 64-bit id

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Calls use(line) for each line.
template <typename Use>
void each_line(std::string_view text, Use&& use) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    use(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (end != 0) {
      parts.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

// mountinfo writes space, tab, newline and backslash as \NNN, octal (proc(5)).
std::string unescape(std::string_view text) {
  std::string out;
  const auto octal = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '7'; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool belongs(const CgroupMount& mount, const CgroupHierarchy& hierarchy) {
  if (mount.v2 || hierarchy.id == 0) {
    return mount.v2 && hierarchy.id == 0;
  }
  return !hierarchy.controllers.empty() &&
         std::all_of(hierarchy.controllers.begin(), hierarchy.controllers.end(),
                     [&](const auto& name) { return contains(mount.controllers, name); });
}

// The whole hierarchy, also where a cgroup namespace shows its root as "/../..".
bool mounts_all(const CgroupMount& mount) { return mount.root == "/" || mount.root.starts_with("/.."); }

bool parse_number(std::string_view text, std::uint32_t& out) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

std::optional<std::string> link_of(int descriptors, int fd) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlinkat(descriptors, std::to_string(fd).c_str(), target.data(), target.size());
  if (size <= 0 || static_cast<std::size_t>(size) == target.size()) {
    return std::nullopt;
  }
  return std::string(target.data(), static_cast<std::size_t>(size));
}

bool lies_too_deep(int descriptors, int fd) {
  std::array<char, 1> target{};
  return ::readlinkat(descriptors, std::to_string(fd).c_str(), target.data(), target.size()) < 0 &&
         errno == ENAMETOOLONG;
}

UniqueFd climb(int fd, std::size_t levels) {
  std::string up;
  for (std::size_t i = 0; i < levels; ++i) {
    up += "../";
  }
  return UniqueFd(::openat(fd, up.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

// Who may make cgroups can hide in one whose path no call tells, being longer than PATH_MAX. Whose it is stands in
// front: the nearest one above it that has a path says it as well. In steps that get smaller, as many levels are cheap
// to climb at once.
UniqueFd nearest_with_path(int descriptors, UniqueFd cgroup) {
  constexpr std::size_t kMostLevels = 1024;  // three bytes each: within PATH_MAX
  constexpr int kMostClimbs = 64;            // of each size
  for (std::size_t levels = kMostLevels; levels > 0; levels /= 4) {
    for (int i = 0; i < kMostClimbs; ++i) {
      UniqueFd above = climb(cgroup.get(), levels);
      if (!above || !lies_too_deep(descriptors, above.get())) {
        break;
      }
      cgroup = std::move(above);
    }
  }
  return climb(cgroup.get(), 1);
}

}  // namespace

std::vector<CgroupMount> parse_cgroup_mounts(std::string_view mountinfo) {
  constexpr std::size_t kRoot =
      3;  // proc(5): id, parent, device, root, mount point, options, optional fields, "-", ...
  constexpr std::size_t kPoint = 4;
  std::vector<CgroupMount> mounts;
  each_line(mountinfo, [&](std::string_view line) {
    const auto fields = split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (dash - fields.begin() <= static_cast<std::ptrdiff_t>(kPoint) || fields.end() - dash < 4) {
      return;
    }
    const std::string& type = dash[1];
    if (type != "cgroup" && type != "cgroup2") {
      return;
    }
    mounts.push_back({unescape(fields[kPoint]), unescape(fields[kRoot]), type == "cgroup2", split(dash[3], ',')});
  });
  return mounts;
}

std::vector<CgroupHierarchy> parse_cgroup_hierarchies(std::string_view proc_cgroup) {
  std::vector<CgroupHierarchy> hierarchies;
  each_line(proc_cgroup, [&](std::string_view line) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    CgroupHierarchy hierarchy;
    if (second == std::string_view::npos || !parse_number(line.substr(0, first), hierarchy.id)) {
      return;
    }
    hierarchy.controllers = split(line.substr(first + 1, second - first - 1), ',');
    hierarchies.push_back(std::move(hierarchy));
  });
  return hierarchies;
}

CgroupfsResolver::CgroupfsResolver(std::filesystem::path proc_root)
    : proc_root_(std::move(proc_root)), descriptors_(::open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  scan();
}

// A record names its hierarchy by the kernel's number; /proc/self/cgroup says which controllers that is, mountinfo
// where they are mounted. Without the number an id would be ambiguous: each hierarchy counts its cgroups from 1.
void CgroupfsResolver::scan() {
  auto mounts = parse_cgroup_mounts(read_file(proc_root_ / "self/mountinfo"));
  std::stable_partition(mounts.begin(), mounts.end(), mounts_all);  // a part of a hierarchy only for want of the whole
  hierarchies_.clear();
  for (const CgroupHierarchy& hierarchy : parse_cgroup_hierarchies(read_file(proc_root_ / "self/cgroup"))) {
    for (const CgroupMount& mount : mounts) {
      if (!belongs(mount, hierarchy)) {
        continue;
      }
      UniqueFd directory(::open(mount.point.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      const auto point = directory ? link_of(descriptors_.get(), directory.get()) : std::nullopt;
      if (point) {  // else: mounted over, or not reachable from here
        hierarchies_.push_back({hierarchy.id, std::move(directory), *point, mounts_all(mount) ? "/" : mount.root});
        break;
      }
    }
  }
}

const CgroupfsResolver::Hierarchy* CgroupfsResolver::find(std::uint32_t id) const {
  const auto found =
      std::find_if(hierarchies_.begin(), hierarchies_.end(), [&](const Hierarchy& known) { return known.id == id; });
  return found == hierarchies_.end() ? nullptr : &*found;
}

std::optional<std::string> CgroupfsResolver::path_of(CgroupKey key) {
  const Hierarchy* hierarchy = find(key.hierarchy);
  if (hierarchy == nullptr) {
    scan();
    hierarchy = find(key.hierarchy);
    if (hierarchy == nullptr) {
      return std::nullopt;
    }
  }
  alignas(file_handle) std::array<std::byte, sizeof(file_handle) + sizeof(key.id)> bytes{};
  auto* handle = reinterpret_cast<file_handle*>(bytes.data());
  handle->handle_bytes = sizeof(key.id);
  handle->handle_type = kFileidKernfs;
  std::memcpy(bytes.data() + offsetof(file_handle, f_handle), &key.id, sizeof(key.id));
  UniqueFd cgroup(::open_by_handle_at(hierarchy->directory.get(), handle, O_PATH | O_CLOEXEC));
  if (cgroup && lies_too_deep(descriptors_.get(), cgroup.get())) {
    cgroup = nearest_with_path(descriptors_.get(), std::move(cgroup));
  }
  const auto path = cgroup ? link_of(descriptors_.get(), cgroup.get()) : std::nullopt;
  if (!path || !path->starts_with(hierarchy->point)) {  // outside the mounted part: "(unreachable)/..."
    return std::nullopt;
  }
  const std::string below = path->substr(hierarchy->point.size());
  if (hierarchy->root == "/") {
    return below.empty() ? "/" : below;
  }
  return hierarchy->root + below;
}

}  // namespace bongsu
