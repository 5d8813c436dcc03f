// SPDX-License-Identifier: Apache-2.0
//
// A real container: crun or runc makes the cgroup, the namespaces and the root, and all that the container's process
// does is told of that cgroup, with paths as the container has them.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "identity/cgroup_path.h"
#include "support/kernel/calls.h"

namespace bongsu::test {
namespace {

constexpr int kIcmp = 1;  // IPPROTO_ICMP

// crun refuses version 1 hierarchies with an empty version 2 beside them; where it works it starts faster.
std::string runtime() {
  const bool hybrid = std::filesystem::exists("/sys/fs/cgroup/unified/cgroup.procs");
  for (const char* path : {"/usr/bin/crun", "/usr/sbin/runc", "/usr/bin/runc"}) {
    if (std::filesystem::exists(path) && !(hybrid && std::string(path).ends_with("crun"))) {
      return path;
    }
  }
  return "";
}

std::string quoted(const std::string& text) {  // of a step: its separator is the only byte that JSON does not take
  std::string json = "\"";
  for (const char byte : text) {
    json += byte == '\1' ? std::string("\\u0001") : std::string(1, byte);
  }
  return json + "\"";
}

class RuntimeTest : public KernelTest {
 protected:
  void TearDown() override {
    KernelTest::TearDown();
    std::istringstream mounts(read_file("/proc/self/mounts"));
    std::string line;
    while (std::getline(mounts, line)) {
      std::istringstream words(line);
      std::string device;
      std::string point;
      std::string type;
      words >> device >> point >> type;
      if (type == "cgroup" || type == "cgroup2") {
        ::rmdir((point + parent_).c_str());  // where the runtime has left it
      }
    }
  }

  // In the container's root file system: the trigger `calls`, and a file.
  void write_bundle(const std::vector<std::string>& steps) const {
    for (const char* name : {"/bin", "/dev", "/proc", "/srv"}) {
      std::filesystem::create_directories(root() + name);
    }
    std::filesystem::copy_file(trigger("calls"), root() + "/bin/calls");
    std::ofstream(root() + "/srv/inside") << "content";
    std::string args = "\"/bin/calls\"";
    for (const std::string& step : steps) {
      args += "," + quoted(step);
    }
    std::string namespaces;
    for (const char* kind : {"pid", "mount", "ipc", "uts", "network"}) {
      namespaces += std::string(namespaces.empty() ? "" : ",") + "{\"type\":\"" + kind + "\"}";
    }
    const std::string capabilities = R"(["CAP_SETUID","CAP_NET_RAW"])";
    std::ofstream(folder_.path() + "/config.json")
        << R"({"ociVersion":"1.0.2","process":{"terminal":false,"user":{"uid":0,"gid":0},"cwd":"/","args":[)" << args
        << R"(],"capabilities":{"bounding":)" << capabilities << R"(,"effective":)" << capabilities
        << R"(,"permitted":)" << capabilities << R"(}},"root":{"path":"rootfs"},)"
        << R"("mounts":[{"destination":"/proc","type":"proc","source":"proc"}],"linux":{"cgroupsPath":")" << parent_
        << "/" << id_ << R"(","namespaces":[)" << namespaces << "]}}";
  }
  [[nodiscard]] std::string root() const { return folder_.path() + "/rootfs"; }

  // Polls until there is one that fits, whoever did it, and makes it count as looked for. Null, and the test has
  // failed, when none comes.
  template <typename Fits>
  const Record* find(EventType type, const Fits& fits) {
    const Record* found = nullptr;
    constexpr std::uint64_t kAContainersStartNs = 60'000'000'000;
    EXPECT_TRUE(poll_until(
        [&] {
          const auto at = std::find_if(records().begin(), records().end(), [&](const KeptRecord& kept) {
            return kept.record().type() == type && !kept.record().snapshot() && fits(kept.record());
          });
          found = at == records().end() ? nullptr : &at->record();
          return found != nullptr;
        },
        kAContainersStartNs))
        << info(type).name;
    if (found != nullptr) {
      EXPECT_FALSE(all(type, found->task().pid).empty());
    }
    return found;
  }

  const std::string id_ = std::string(64 - std::to_string(::getpid()).size(), 'a') + std::to_string(::getpid());
  const std::string parent_ = "/bongsu-test-" + std::to_string(::getpid());
  TemporaryDirectory folder_;
};
BONGSU_BOTH_TRANSPORTS(RuntimeTest);

TEST_P(RuntimeTest, WhatAContainerDoesIsToldOfIt) {
  ASSERT_NE(runtime(), "") << "neither crun nor runc is installed";
  write_bundle({call(SYS_openat, {num(AT_FDCWD), text("/srv/inside"), num(O_RDONLY)}),
                call(SYS_unlinkat, {num(AT_FDCWD), text("/srv/inside"), num(0)}),
                call(SYS_socket, {num(AF_INET), num(SOCK_RAW), num(kIcmp)}), call(SYS_setuid, {num(1000)})});
  open({EventType::container_start, EventType::exec, EventType::open, EventType::unlink, EventType::socket,
        EventType::setuid, EventType::exit, EventType::container_stop});
  Child container({.args = {runtime(), "--root", folder_.path() + "/state", "run", "--bundle", folder_.path(), id_}});

  const Record* exec =
      find(EventType::exec, [](const Record& record) { return executable_of(record) == "/bin/calls"; });
  ASSERT_NE(exec, nullptr);
  const bongsu_task& task = exec->task();
  const auto is_its_cgroup = [&](const Record& record) {  // container_start and container_stop have one shape
    const auto& wire = record.as<bongsu_container_start>();
    return wire.hierarchy == 0
               ? wire.subject_cgroup_id == task.cgroup_id
               : wire.subject_cgroup_id == task.cgroup_v1_id && wire.hierarchy == task.cgroup_v1_hierarchy;
  };
  const Record* start = find(EventType::container_start, is_its_cgroup);
  ASSERT_NE(start, nullptr);
  EXPECT_EQ(parse_cgroup_path(start->string(start->as<bongsu_container_start>().path)).container_id, id_);
  EXPECT_NE(start->task().pid, task.pid);
  EXPECT_NE(task.namespaces[BONGSU_NS_MNT], start->task().namespaces[BONGSU_NS_MNT]);

  const auto by_the_container = [&](EventType type) {  // not by the runtime, before it executed the program
    return find(type,
                [&](const Record& record) { return record.task().pid == task.pid && comm_of(record) == "calls"; });
  };
  const Record* opened = by_the_container(EventType::open);
  ASSERT_NE(opened, nullptr);
  EXPECT_EQ(told(*opened)["file.path"], "/srv/inside");
  EXPECT_EQ(opened->task().cgroup_id, task.cgroup_id);
  EXPECT_EQ(opened->task().cgroup_v1_id, task.cgroup_v1_id);
  const Record* unlinked = by_the_container(EventType::unlink);
  ASSERT_NE(unlinked, nullptr);
  EXPECT_EQ(told(*unlinked)["file.path"], "/srv/inside");
  EXPECT_NE(by_the_container(EventType::socket), nullptr);
  EXPECT_NE(by_the_container(EventType::setuid), nullptr);

  EXPECT_EQ(container.finish(), 0);
  EXPECT_NE(wait_for(EventType::exit, task.pid), nullptr);
  EXPECT_NE(find(EventType::container_stop, is_its_cgroup), nullptr);
}

}  // namespace
}  // namespace bongsu::test
