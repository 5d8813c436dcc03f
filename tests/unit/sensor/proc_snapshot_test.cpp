// SPDX-License-Identifier: Apache-2.0
#include "sensor/proc_snapshot.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <vector>

#include "events/record.h"
#include "support/fake_root.h"

namespace bongsu {
namespace {

class FixedClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t boot_ns() const override { return 123'456; }
  [[nodiscard]] std::int64_t wall_ns() const override { return 0; }
};

class ProcSnapshotTest : public testing::Test {
 protected:
  // A process as /proc has it.
  void process(std::uint32_t pid, const std::string& comm, std::uint32_t parent, std::uint64_t start_ticks,
               const std::string& cgroup = "0::/\n") const {
    const std::string folder = "proc/" + std::to_string(pid);
    root_.file(folder + "/stat", std::to_string(pid) + " (" + comm + ") S " + std::to_string(parent) +
                                     " 1 1 34817 1 1 1 1 1 1 1 1 1 1 20 0 1 0 " + std::to_string(start_ticks) +
                                     " 1 1\n");
    root_.file(folder + "/status", "Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nCapEff:\t0000000000000003\n");
    root_.file(folder + "/cgroup", cgroup);
    const char* const names[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
    for (std::uint32_t i = 0; i < BONGSU_NS_COUNT; ++i) {
      root_.link(folder + "/ns/" + names[i], std::string(names[i]) + ":[" + std::to_string(100 + i) + "]");
    }
    root_.link(folder + "/root", "/");
    root_.link(folder + "/cwd", root_.directory("home").string());
  }

  std::map<std::uint32_t, Record> read() {
    std::map<std::uint32_t, Record> found;
    const Status status =
        read_proc_snapshot(root_.path() / "proc", FixedClock(), [&](std::span<const std::byte> bytes) {
          auto& words = kept_.emplace_back((bytes.size() + 7) / 8);
          std::memcpy(words.data(), bytes.data(), bytes.size());
          const auto record = Record::decode({reinterpret_cast<const std::byte*>(words.data()), bytes.size()});
          ASSERT_TRUE(record.has_value());
          EXPECT_TRUE(found.emplace(record->task().pid, *record).second);
        });
    EXPECT_TRUE(status.has_value()) << (status ? "" : status.error().to_string());
    return found;
  }
  static std::string executable(const Record& record) {
    return std::string(record.string(record.as<bongsu_exec>().executable));
  }
  static std::uint64_t inode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_ino;
  }
  static std::uint64_t ns(std::uint64_t ticks) {
    return ticks * (1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)));
  }

  test::FakeRoot root_;
  std::vector<std::vector<std::uint64_t>> kept_;
};

TEST_F(ProcSnapshotTest, EveryMember) {
  process(1, "init", 0, 10);
  process(42, "a name) of (any", 1, 500);
  const auto program = root_.file("program", "x");
  root_.link("proc/42/exe", program.string());
  const auto found = read();
  ASSERT_EQ(found.size(), 2U);
  const Record& record = found.at(42);
  EXPECT_TRUE(record.snapshot());
  EXPECT_EQ(record.type(), EventType::exec);
  EXPECT_EQ(record.header().time_ns, 123'456U);
  const bongsu_task& task = record.task();
  EXPECT_EQ(task.tid, 42U);
  EXPECT_EQ(task.start_ns, ns(500));
  EXPECT_EQ(task.parent_pid, 1U);
  EXPECT_EQ(task.parent_start_ns, ns(10));
  EXPECT_EQ(task.uid, 1U);
  EXPECT_EQ(task.euid, 2U);
  EXPECT_EQ(task.gid, 5U);
  EXPECT_EQ(task.egid, 6U);
  EXPECT_EQ(task.cap_effective, 3U);
  EXPECT_EQ(task.tty_major, 136);
  EXPECT_EQ(task.tty_minor, 1);
  for (std::uint32_t i = 0; i < BONGSU_NS_COUNT; ++i) {
    EXPECT_EQ(task.namespaces[i], 100 + i);
  }
  EXPECT_EQ(std::string(task.comm), "a name) of (any");
  EXPECT_EQ(record.string(task.working_directory), (root_.path() / "home").string());
  EXPECT_EQ(executable(record), program.string());
  EXPECT_EQ(record.as<bongsu_exec>().inode, inode_of(program));
  EXPECT_EQ(record.as<bongsu_exec>().flags, 0U);
  EXPECT_EQ(record.string(record.as<bongsu_exec>().args), "");
}

TEST_F(ProcSnapshotTest, AKernelThreadHasNoExecutable) {
  process(2, "kthreadd", 0, 1);
  const auto found = read();
  EXPECT_EQ(executable(found.at(2)), "");
  EXPECT_EQ(found.at(2).as<bongsu_exec>().inode, 0U);
  EXPECT_EQ(found.at(2).task().parent_start_ns, 0U);
}

TEST_F(ProcSnapshotTest, ALongCommIsCutAsTheKernelsOwn) {
  process(3, "kworker/0:1-events_long_name", 2, 1);
  EXPECT_EQ(std::string(read().at(3).task().comm), "kworker/0:1-eve");
}

TEST_F(ProcSnapshotTest, WhatIsNoProcessOrGoneIsLeftOut) {
  process(1, "init", 0, 10);
  root_.file("proc/meminfo", "");
  root_.file("proc/12x/stat", "12 (x) S");
  root_.directory("proc/77");           // its files went with it
  root_.file("proc/78/stat", "78 (x");  // cut
  EXPECT_EQ(read().size(), 1U);
}

// The kernel's link leads to the file although its text does not; here a file of that very name stands for it.
TEST_F(ProcSnapshotTest, ANameThatEndsLikeADeletedOnesIsKept) {
  process(5, "odd", 1, 10);
  const auto program = root_.file("odd (deleted)", "x");
  root_.link("proc/5/exe", program.string());
  const auto found = read();
  EXPECT_EQ(executable(found.at(5)), program.string());
  EXPECT_EQ(found.at(5).as<bongsu_exec>().flags, 0U);
}

TEST_F(ProcSnapshotTest, DeletedAndMemfdAreToldByTheLinksText) {
  process(5, "gone", 1, 10);
  root_.link("proc/5/exe", root_.file("gone (deleted)", "x").string());
  std::filesystem::remove(root_.path() / "proc/5/root");  // nothing is found under that name from the process
  root_.link("proc/5/root", root_.directory("elsewhere").string());
  const auto found = read();
  EXPECT_EQ(executable(found.at(5)), (root_.path() / "gone").string());
  EXPECT_EQ(found.at(5).as<bongsu_exec>().flags, std::uint32_t{BONGSU_EXEC_DELETED});
}

TEST_F(ProcSnapshotTest, CgroupsOfAHybridHost) {
  const auto v2 = root_.directory("cgroup/unified/pod");
  const auto pids = root_.directory("cgroup/pids/kubepods/x");
  root_.directory("cgroup/memory");
  const std::string base = (root_.path() / "cgroup").string();
  root_.file("proc/self/mountinfo",
             "25 1 0:1 / / rw - ext4 /dev/vda rw\n"
             "30 25 0:30 / " +
                 base +
                 "/memory rw,relatime shared:1 - cgroup cgroup rw,memory\n"
                 "31 25 0:31 / " +
                 base +
                 "/pids rw,relatime - cgroup cgroup rw,pids\n"
                 "32 25 0:32 / " +
                 base + "/unified rw,relatime shared:3 master:4 - cgroup2 cgroup2 rw\n");
  process(9, "inside", 1, 10, "4:memory:/\n8:pids:/kubepods/x\n1:name=systemd:/other\n0::/pod\n");
  process(10, "gone", 1, 10, "4:memory:/\n8:pids:/removed\n0::/removed\n");
  const auto found = read();
  EXPECT_EQ(found.at(9).task().cgroup_id, inode_of(v2));
  EXPECT_EQ(found.at(9).task().cgroup_v1_id, inode_of(pids));
  EXPECT_EQ(found.at(9).task().cgroup_v1_hierarchy, 8U);
  EXPECT_EQ(found.at(10).task().cgroup_id, 0U);
  EXPECT_EQ(found.at(10).task().cgroup_v1_id, 0U);
  EXPECT_EQ(found.at(10).task().cgroup_v1_hierarchy, 0U);
}

// A controller beside others, a mount point with a space, and a mount of a part of the hierarchy.
TEST_F(ProcSnapshotTest, CgroupMountsOfEveryShape) {
  const auto cpu = root_.directory("c g/x");
  const std::string base = root_.path().string();
  root_.file("proc/self/mountinfo", "31 25 0:31 /part " + base + "/c\\040g rw - cgroup cgroup rw,cpu,cpuacct\n");
  process(9, "inside", 1, 10, "3:cpu,cpuacct:/part/x\n");
  process(10, "outside", 1, 10, "3:cpu,cpuacct:/elsewhere\n");
  const auto found = read();
  EXPECT_EQ(found.at(9).task().cgroup_v1_id, inode_of(cpu));
  EXPECT_EQ(found.at(9).task().cgroup_v1_hierarchy, 3U);
  EXPECT_EQ(found.at(10).task().cgroup_v1_id, 0U);
}

TEST_F(ProcSnapshotTest, NoProcIsAnError) {
  const Status status = read_proc_snapshot(root_.path() / "missing", FixedClock(), [](auto) {});
  ASSERT_FALSE(status.has_value());
  EXPECT_NE(status.error().message.find("missing"), std::string::npos);
}

}  // namespace
}  // namespace bongsu
