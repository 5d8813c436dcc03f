// SPDX-License-Identifier: Apache-2.0
#include "identity/process.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "identity/program_pool.h"

namespace bongsu {
namespace {

std::string name(std::string_view requested, std::string_view executable) {
  ProgramView view;
  view.requested = requested;
  view.executable = executable;
  return std::string(view.name());
}

TEST(ProgramName, IsTheLastComponentOfWhatWasAskedFor) {
  EXPECT_EQ(name("/bin/sh", "/bin/busybox"), "sh");
  EXPECT_EQ(name("./run.py", "/usr/bin/python3.11"), "run.py");
  EXPECT_EQ(name("ls", "/usr/bin/ls"), "ls");
  EXPECT_EQ(name("/dev/fd/7/tools/nc", "/srv/tools/nc"), "nc");  // execveat: a path below a directory's descriptor
  EXPECT_EQ(name("/tmp/exe", "/tmp/exe"), "exe");
}

TEST(ProgramName, IsTheExecutablesWhereTheRequestIsMagicOrUnknown) {
  EXPECT_EQ(name("", "/usr/sbin/nginx"), "nginx");
  EXPECT_EQ(name("/proc/self/exe", "/usr/bin/runc"), "runc");
  EXPECT_EQ(name("/proc/17/exe", "/usr/bin/runc"), "runc");
  EXPECT_EQ(name("/proc/self/fd/6", "/usr/bin/runc"), "runc");
  EXPECT_EQ(name("/proc/thread-self/fd/6", "/usr/bin/runc"), "runc");
  EXPECT_EQ(name("/proc/self/task/9/exe", "/usr/bin/runc"), "runc");
  EXPECT_EQ(name("/dev/fd/3", "/usr/bin/id"), "id");
  EXPECT_EQ(name("/usr/bin/", "/usr/bin/id"), "id");
  EXPECT_EQ(name("", ""), "");
}

TEST(ProgramName, OfAMemfdIsItsWholeName) {
  EXPECT_EQ(name("/proc/self/fd/6", "/memfd:runc_cloned:/proc/self/exe"), "memfd:runc_cloned:/proc/self/exe");
  EXPECT_EQ(name("/dev/fd/3", "memfd:x"), "memfd:x");
}

TEST(EntityId, NamesAProcessOfABoot) {
  const EntityIds here("0b9ae1f4-60ac-4a6b-b47b-0f1f9a4e2c11");
  const EntityIds other("1b9ae1f4-60ac-4a6b-b47b-0f1f9a4e2c11");
  const auto text = [](const EntityId& id) { return std::string(id.data(), id.size()); };
  EXPECT_EQ(text(here.of(7, 100)), text(here.of(7, 100)));
  EXPECT_EQ(text(here.of(7, 100)).find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(text(here.of(7, 100)), text(other.of(7, 100)));
  std::set<std::string> all;
  for (std::uint32_t pid = 1; pid <= 100; ++pid) {
    for (std::uint64_t start = 1; start <= 100; ++start) {
      all.insert(text(here.of(pid, start)));
    }
  }
  EXPECT_EQ(all.size(), 100U * 100U);
  // Compared across versions and restarts: this may never change.
  EXPECT_EQ(text(here.of(4242, 123456789012345)), "9ad6b39f7e1701c1");
}

TEST(ProgramPool, CutsArgumentsAtItsBoundAndCounts) {
  ProgramPool pool(4, 10);
  const std::string args(8, 'x');
  ProgramView view;
  view.executable = "/bin/x";
  view.args = args;
  const Slot one = pool.add(view, 1);
  EXPECT_FALSE(pool.has_room_for(8));
  const Slot two = pool.add(view, 1);
  EXPECT_EQ(pool.at(two).args.size(), 2U);
  EXPECT_NE(pool.at(two).flags & BONGSU_EXEC_ARGS_TRUNCATED, 0U);
  EXPECT_EQ(pool.args_cut(), 1U);
  EXPECT_EQ(pool.args_bytes(), 10U);
  pool.share(one);
  pool.release(one);
  EXPECT_EQ(pool.args_bytes(), 10U);  // one holder left
  pool.release(one);
  EXPECT_EQ(pool.args_bytes(), 2U);
  EXPECT_EQ(pool.size(), 1U);
}

}  // namespace
}  // namespace bongsu
