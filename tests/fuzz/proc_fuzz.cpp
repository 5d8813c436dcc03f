// SPDX-License-Identifier: Apache-2.0
//
// Any text as the files of /proc that are read: mountinfo, cgroup, stat, status, a namespace's link. And as what anyone
// may put into them: a process's name, a mount point; neither may change what is read of the rest.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/support.h"
#include "identity/cgroupfs_resolver.h"
#include "identity/proc_reader.h"
#include "sensor/proc_cgroups.h"
#include "sensor/proc_text.h"

namespace {

using bongsu::fuzz::expect;

void look(std::string_view text) {
  std::size_t lines = 1;
  for (const char c : text) {
    lines += c == '\n' ? 1 : 0;
  }
  expect(bongsu::parse_cgroup_mounts(text).size() <= lines);
  expect(bongsu::parse_cgroup_hierarchies(text).size() <= lines);
  if (const auto stat = bongsu::parse_proc_stat(text)) {
    expect(stat->comm.size() < text.size());
  }
  static_cast<void>(bongsu::parse_start_ticks(text));
  static_cast<void>(bongsu::parse_proc_status(text));
  static_cast<void>(bongsu::parse_namespace_link(text));
  static const bongsu::ProcCgroups kCgroups("/proc");
  bongsu_task task{};
  kCgroups.fill(task, text);
  expect((task.cgroup_v1_id == 0) == (task.cgroup_v1_hierarchy == 0));
}

// The kernel writes a name as it is (proc_task_name() escapes only newlines and backslashes).
void name_process(std::string_view name) {
  const std::string line =
      "77 (" + std::string(name) + ") S 1 77 77 34816 77 4194304 1 0 0 0 1 2 0 0 20 0 1 0 123456 9";
  const auto stat = bongsu::parse_proc_stat(line);
  expect(stat && stat->pid == 77 && stat->comm == name && stat->parent_pid == 1 && stat->start_ticks == 123456);
  expect(bongsu::parse_start_ticks(line) == 123456);
}

// As seq_path() writes a path.
std::string escaped(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\\') {
      out += '\\';
      out += static_cast<char>('0' + c / 64);
      out += static_cast<char>('0' + c / 8 % 8);
      out += static_cast<char>('0' + c % 8);
    } else {
      out += c;
    }
  }
  return out;
}

void mount(std::string_view name) {
  const std::string point = "/" + std::string(name);
  const std::string line =
      "31 23 0:27 " + escaped(point) + " " + escaped(point) + " rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
  const auto mounts = bongsu::parse_cgroup_mounts(line);
  expect(mounts.size() == 1 && mounts[0].point == point && mounts[0].root == point && mounts[0].v2);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = bongsu::fuzz::text_of(data, size);
  look(text);
  name_process(text);
  mount(text);
  return 0;
}
