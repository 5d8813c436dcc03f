// SPDX-License-Identifier: Apache-2.0
//
// Sensor::want(): what is asked for changes while the monitor runs, and nothing that is not needed is loaded or
// attached.
#include <bpf/bpf.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "sensor/call_hooks.h"
#include "sensor/probe_set.h"
#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"
#include "support/kernel/worker.h"

namespace bongsu::test {
namespace {

using Names = std::set<std::string>;

std::bitset<kEventCount> these(std::initializer_list<EventType> events) {
  std::bitset<kEventCount> set;
  for (const EventType event : events) {
    set.set(static_cast<std::size_t>(event));
  }
  return set;
}

// A program's name as the kernel keeps it (BPF_OBJ_NAME_LEN of linux/bpf.h).
std::string kernel_name(std::string_view name) { return std::string(name.substr(0, BPF_OBJ_NAME_LEN - 1)); }

std::string name_of_program(int fd) {
  bpf_prog_info program{};
  std::uint32_t size = sizeof(program);
  return bpf_obj_get_info_by_fd(fd, &program, &size) == 0 ? program.name : "";
}

std::string name_of_linked(int fd) {
  bpf_link_info link{};
  std::uint32_t size = sizeof(link);
  if (bpf_obj_get_info_by_fd(fd, &link, &size) != 0) {
    return "";
  }
  const UniqueFd program(bpf_prog_get_fd_by_id(link.prog_id));
  return name_of_program(program.get());
}

// Of this process's descriptors: other monitors on the machine are not looked at.
Names named(std::string_view kind, std::string (*name_of)(int)) {
  Names names;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    if (std::filesystem::read_symlink(entry.path(), error).string().find(kind) != std::string::npos) {
      names.insert(name_of(std::stoi(entry.path().filename())));
    }
  }
  return names;
}

Names loaded() { return named("bpf-prog", name_of_program); }
Names attached() { return named("bpf_link", name_of_linked); }

bool is_for_calls(const std::string& name) {
  return name == dispatcher(2) || name == dispatcher(3) || name.starts_with("sys_");
}

class SensorWantTest : public KernelTest {
 protected:
  void want(std::initializer_list<EventType> events) {
    const Status done = sensor().want(these(events));
    ASSERT_TRUE(done) << done.error().to_string();
  }
  // The programs of the hooks that the plan chose.
  [[nodiscard]] Names planned() {
    Names names;
    for (const HookChoice& choice : sensor().plan()) {
      if (choice.hook != nullptr) {
        names.insert(is_call_return(choice.hook->attach) ? std::string(dispatcher(choice.hook->rung))
                                                         : kernel_name(choice.hook->program));
      }
    }
    return names;
  }
  // Detaches, so that all has been told: how many.
  [[nodiscard]] std::size_t told(EventType type, std::uint32_t pid) {
    sensor().detach();
    sensor().drain(keeper());
    return all(type, pid).size();
  }
};
BONGSU_BOTH_TRANSPORTS(SensorWantTest);

TEST_P(SensorWantTest, AnEventIsToldWhileItIsWanted) {
  open();
  Worker worker([](int step) { open_and_close(step == 1 ? "/dev/zero" : "/dev/null", step + 1); });
  ASSERT_TRUE(worker.step(0));
  want({EventType::open});
  ASSERT_TRUE(worker.step(1));
  ASSERT_NE(wait_for(EventType::open, worker.pid(), 2), nullptr);
  want({});
  ASSERT_TRUE(worker.step(2));
  EXPECT_EQ(told(EventType::open, worker.pid()), 2U);
  for (const Record* record : all(EventType::open, worker.pid())) {
    EXPECT_EQ(record->string(record->as<bongsu_open>().path), "/dev/zero");
  }
}

TEST_P(SensorWantTest, AnEventThatStaysWantedIsNotInterrupted) {
  open({EventType::open});
  constexpr int kOpens = 2'000;
  Worker worker([](int) { open_and_close("/dev/null", kOpens); });
  worker.start(0);
  for (int i = 0; i < 3; ++i) {
    want({EventType::open, EventType::unlink, EventType::connect});
    want({EventType::open});
  }
  ASSERT_TRUE(worker.done());
  EXPECT_EQ(told(EventType::open, worker.pid()), static_cast<std::size_t>(kOpens));
}

TEST_P(SensorWantTest, ExecsOfAStormAreCompleteAcrossChanges) {
  constexpr int kProcesses = 1'500;
  SensorOptions options;
  options.ring_bytes = 64ULL << 20;
  open({}, options);
  const TemporaryDirectory directory;
  Child storm({.args = {trigger("storm"), std::to_string(kProcesses), trigger("exit"), directory.path() + "/record"}});
  const std::uint32_t parent = storm.pid();
  std::size_t changes = 0;
  while (all(EventType::exit, parent).empty() && changes < 1'000) {
    ++changes;
    want(changes % 2 == 1 ? std::initializer_list<EventType>{EventType::setuid, EventType::signal}
                          : std::initializer_list<EventType>{});
    ASSERT_TRUE(sensor().poll(0, -1, keeper()));
  }
  ASSERT_EQ(storm.finish(), 0);
  EXPECT_GT(changes, 2U) << "the storm was over before anything changed";
  sensor().detach();
  sensor().drain(keeper());
  std::map<EventType, std::map<std::uint32_t, int>> times;
  for (const KeptRecord& kept : records()) {
    if (kept.record().task().parent_pid == parent) {
      ++times[kept.record().type()][kept.record().task().pid];
    }
  }
  for (const EventType type : {EventType::fork, EventType::exec, EventType::exit}) {
    EXPECT_EQ(times[type].size(), static_cast<std::size_t>(kProcesses)) << info(type).name;
    EXPECT_TRUE(std::all_of(times[type].begin(), times[type].end(), [](const auto& one) { return one.second == 1; }));
  }
}

TEST_P(SensorWantTest, OnlyWhatIsNeededIsLoadedAndAttached) {
  open();
  if (attached().contains("")) {
    GTEST_SKIP() << "this kernel does not say what a link is of";
  }
  const Names at_first = attached();
  const Names loaded_at_first = loaded();
  EXPECT_EQ(at_first, planned());
  EXPECT_EQ(sensor().plan().size(), identity_events().count());
  EXPECT_TRUE(std::none_of(loaded_at_first.begin(), loaded_at_first.end(), is_for_calls));
  Names beside = loaded_at_first;
  for (const std::string& name : at_first) {
    beside.erase(name);
  }
  EXPECT_EQ(beside, kernel_has_task_iterator() ? Names{"snapshot_task"} : Names{});

  want({EventType::open, EventType::signal});
  EXPECT_EQ(attached(), planned());
  EXPECT_TRUE(std::any_of(planned().begin(), planned().end(), is_for_calls));
  const Names more = loaded();
  EXPECT_TRUE(more.contains("sys_open"));
  EXPECT_FALSE(more.contains("sys_io"));
  EXPECT_FALSE(more.contains("sys_memory"));

  want({EventType::read});
  EXPECT_TRUE(loaded().contains("sys_io"));
  EXPECT_EQ(attached(), planned());

  want({});
  EXPECT_EQ(attached(), at_first);
  EXPECT_EQ(loaded(), loaded_at_first);
  sensor().detach();
  EXPECT_EQ(attached(), Names{});
}

}  // namespace
}  // namespace bongsu::test
