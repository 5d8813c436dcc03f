// SPDX-License-Identifier: Apache-2.0
#include "sensor/proc_cgroups.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "sensor/proc_text.h"

namespace bongsu {
namespace {

constexpr std::array<std::string_view, 3> kControllers = {"memory", "pids",
                                                          "cpu"};  // fill_cgroup() of bpf/lib/task.bpf.h

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end != 0) {
      parts.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// mountinfo writes space, tab, newline and backslash as \NNN, octal (proc(5)).
std::string unescape(std::string_view text) {
  const auto octal = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '7'; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool contains(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

ProcCgroups::ProcCgroups(const std::filesystem::path& proc) {
  for (const std::string& line : split(read_proc_text(proc / "self/mountinfo"), '\n')) {
    // id, parent, device, root, mount point, options, optional fields, "-", type, source, options of the super block
    const std::vector<std::string> fields = split(line, ' ');
    constexpr std::ptrdiff_t kRoot = 3;
    constexpr std::ptrdiff_t kPoint = 4;
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (dash - fields.begin() <= kPoint || fields.end() - dash < 4) {
      continue;
    }
    if (dash[1] == "cgroup" || dash[1] == "cgroup2") {
      mounts_.push_back({unescape(fields[kPoint]), unescape(fields[kRoot]), dash[1] == "cgroup2", split(dash[3], ',')});
    }
  }
}

void ProcCgroups::fill(bongsu_task& task, std::string_view proc_cgroup) const {
  struct Membership {
    std::uint32_t hierarchy = 0;
    std::vector<std::string> controllers;
    std::string path;
  };
  std::vector<Membership> memberships;
  for (const std::string& line : split(proc_cgroup, '\n')) {  // HIERARCHY:CONTROLLERS:PATH
    const std::size_t first = std::min(line.find(':'), line.size());
    const std::size_t second = line.find(':', std::min(first + 1, line.size()));
    Membership one;
    if (second == std::string::npos ||
        std::from_chars(line.data(), line.data() + first, one.hierarchy).ptr != line.data() + first) {
      continue;
    }
    one.controllers = split(std::string_view(line).substr(first + 1, second - first - 1), ',');
    one.path = line.substr(second + 1);
    if (one.hierarchy == 0) {
      task.cgroup_id = id_of({}, one.path);
    }
    memberships.push_back(std::move(one));
  }
  for (const std::string_view controller : kControllers) {
    for (const Membership& one : memberships) {
      if (one.hierarchy == 0 || one.path == "/" || !contains(one.controllers, controller)) {
        continue;
      }
      task.cgroup_v1_id = id_of(controller, one.path);
      task.cgroup_v1_hierarchy = task.cgroup_v1_id == 0 ? 0 : one.hierarchy;
      if (task.cgroup_v1_id != 0) {
        return;
      }
    }
  }
}

std::uint64_t ProcCgroups::id_of(std::string_view controller, std::string_view path) const {
  for (const Mount& mount : mounts_) {
    if (mount.v2 != controller.empty() || (!mount.v2 && !contains(mount.options, controller))) {
      continue;
    }
    // "/", or "/../.." where the reader's cgroup namespace begins below it: the whole hierarchy.
    const bool whole = mount.root == "/" || mount.root.starts_with("/..");
    const std::size_t prefix = whole ? 0 : mount.root.size();
    if (!whole && (!path.starts_with(mount.root) || (path.size() > prefix && path[prefix] != '/'))) {
      continue;
    }
    const std::string directory = mount.point + std::string(path.substr(prefix));
    struct stat status{};
    if (::stat(directory.c_str(), &status) == 0) {
      return status.st_ino;
    }
  }
  return 0;
}

}  // namespace bongsu
