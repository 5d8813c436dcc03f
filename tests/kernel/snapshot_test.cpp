// SPDX-License-Identifier: Apache-2.0
//
// The processes that were there before the sensor: each once, none forgotten in between, from the iterator and from
// /proc alike.
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <map>
#include <sstream>
#include <system_error>

#include "support/kernel/cgroup.h"
#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"

namespace bongsu::test {
namespace {

constexpr std::uint32_t kKthreadd = 2;

// Whether this process may look into that one: a kernel may hide a process even from root, from iterators as well.
bool may_look_into(const std::filesystem::path& process) {
  std::error_code error;
  (void)std::filesystem::read_symlink(process / "exe", error);
  return error != std::errc::permission_denied;
}

// Pid to start time in ticks.
std::map<std::uint32_t, std::uint64_t> processes_in_proc() {
  std::map<std::uint32_t, std::uint64_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    if (!may_look_into(entry.path())) {
      continue;
    }
    const std::string stat = read_file(entry.path() / "stat");
    std::istringstream after_comm(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
    const std::vector<std::string> fields{std::istream_iterator<std::string>(after_comm), {}};
    if (fields.size() > 19) {
      found[static_cast<std::uint32_t>(std::stoul(name))] = std::stoull(fields[19]);
    }
  }
  return found;
}

class SnapshotTest : public KernelTest {
 protected:
  // Of what the sensor's snapshot() handed over.
  [[nodiscard]] std::vector<const Record*> snapshots_of(std::uint32_t pid) const {
    std::vector<const Record*> found;
    for (const KeptRecord& kept : records()) {
      if (kept.record().snapshot() && kept.record().task().pid == pid) {
        found.push_back(&kept.record());
      }
    }
    return found;
  }
  void expect_state(std::uint32_t pid) {
    ASSERT_EQ(snapshots_of(pid).size(), 1U) << pid;
    const Record& record = *snapshots_of(pid)[0];
    EXPECT_EQ(record.type(), EventType::exec);
    EXPECT_EQ(record.header().flags, BONGSU_SNAPSHOT);
    expect_task(record, pid, facts_of(pid));
    EXPECT_TRUE(args_of(record).empty());  // user space adds them
    EXPECT_EQ(record.as<bongsu_exec>().requested.len, 0);
  }
  void take() {
    const std::size_t first = records().size();
    const std::uint64_t before_ns = boot_ns();
    const Status taken = sensor().snapshot(keeper());
    ASSERT_TRUE(taken.has_value()) << taken.error().to_string();
    for (std::size_t i = first; i < records().size(); ++i) {
      ASSERT_TRUE(records()[i].record().snapshot());
      ASSERT_GE(records()[i].record().header().time_ns, before_ns);
      ASSERT_LE(records()[i].record().header().time_ns, boot_ns());
    }
  }
  void expect_complete_and_true();
  void expect_no_gap();
};
BONGSU_BOTH_TRANSPORTS(SnapshotTest);

SensorOptions without_iterator() {
  SensorOptions options;
  options.task_iterator = false;
  return options;
}

void SnapshotTest::expect_complete_and_true() {
  Child child({.args = {trigger("hold"), "argument"}});
  ASSERT_EQ(child.line(), "ready");
  const auto before = processes_in_proc();
  take();
  const auto after = processes_in_proc();
  for (const auto& [pid, start_ticks] : before) {
    const auto still = after.find(pid);
    if (still == after.end() || still->second != start_ticks) {
      continue;  // it ended meanwhile
    }
    ASSERT_EQ(snapshots_of(pid).size(), 1U) << pid;
    EXPECT_EQ(ticks(snapshots_of(pid)[0]->task().start_ns), start_ticks) << pid;
  }
  expect_state(child.pid());
  const Record& record = *snapshots_of(child.pid())[0];
  EXPECT_EQ(executable_of(record), trigger("hold"));
  EXPECT_EQ(file_id(record), file_id(trigger("hold")));
  EXPECT_EQ(record.as<bongsu_exec>().flags, 0U);
  expect_state(static_cast<std::uint32_t>(::getpid()));
  EXPECT_EQ(snapshots_of(static_cast<std::uint32_t>(::getpid()))[0]->task().start_ns, record.task().parent_start_ns);
  // Kernel threads execute nothing.
  ASSERT_EQ(snapshots_of(kKthreadd).size(), 1U);
  EXPECT_EQ(executable_of(*snapshots_of(kKthreadd)[0]), "");
  EXPECT_EQ(snapshots_of(kKthreadd)[0]->as<bongsu_exec>().inode, 0U);
  EXPECT_EQ(comm_of(*snapshots_of(kKthreadd)[0]), "kthreadd");
  EXPECT_EQ(snapshots_of(kKthreadd)[0]->task().parent_pid, 0U);
}

// What happens between the two is told by the one or the other.
void SnapshotTest::expect_no_gap() {
  Child short_lived({.args = {trigger("exit"), "code", "5"}});
  const std::uint32_t ended = short_lived.pid();
  short_lived.finish();
  Child child({.args = {trigger("hold")}});
  ASSERT_EQ(child.line(), "ready");
  take();
  expect_state(child.pid());
  EXPECT_TRUE(snapshots_of(ended).empty());
  for (const EventType type : {EventType::fork, EventType::exec, EventType::exit}) {
    EXPECT_NE(wait_for(type, ended), nullptr);
  }
  const Record* fork = wait_for(EventType::fork, child.pid());
  ASSERT_NE(fork, nullptr);
  ASSERT_NE(wait_for(EventType::exec, child.pid()), nullptr);
  EXPECT_EQ(ticks(fork->task().start_ns), ticks(snapshots_of(child.pid())[0]->task().start_ns));
}

TEST_P(SnapshotTest, IsCompleteAndTrue) {
  open();
  expect_complete_and_true();
}

TEST_P(SnapshotTest, FromProcIsCompleteAndTrue) {
  open({}, without_iterator());
  expect_complete_and_true();
}

TEST_P(SnapshotTest, LeavesNoGapToTheEvents) {
  open();
  expect_no_gap();
}

TEST_P(SnapshotTest, FromProcLeavesNoGapToTheEvents) {
  open({}, without_iterator());
  expect_no_gap();
}

// Both ways to the same records, for processes of every kind.
TEST_P(SnapshotTest, FromProcAndFromTheIteratorAreAlike) {
  const TemporaryDirectory directory;
  const std::string gone = directory.copy_trigger("hold", "gone");
  const std::string odd = directory.copy_trigger("hold", "odd (deleted)");
  const CgroupTree v2 = CgroupTree::v2();
  const CgroupTree pids = CgroupTree::v1("pids");
  const CgroupTree memory = CgroupTree::v1("memory");
  const std::string hold = trigger("hold");
  Child plain({.args = {hold}});
  Child terminal({.args = {hold}, .terminal = true});
  Child memfd({.args = {trigger("exec"), "memfd", hold, "hold"}});
  Child deleted({.args = {trigger("exec"), "deleted", gone, "hold"}});
  Child oddly_named({.args = {odd}});
  Child in_cgroups({.args = {hold}, .before_exec = [&] {
                      must(!memory.valid() || memory.enter_root(), "enter the root of memory");
                      must(!pids.valid() || pids.enter(), "enter pids");
                      must(!v2.valid() || v2.enter(), "enter v2");
                    }});
  Child user({.args = {hold}, .before_exec = [&] {
                must(::chdir(directory.path().c_str()) == 0, "chdir");
                must(::setresgid(11, 12, 13) == 0 && ::setresuid(21, 22, 23) == 0, "setresuid");
              }});
  std::vector<std::uint32_t> pids_to_compare = {kKthreadd, static_cast<std::uint32_t>(::getpid())};
  for (Child* child : {&plain, &terminal, &memfd, &deleted, &oddly_named, &in_cgroups, &user}) {
    ASSERT_EQ(child->line(), "ready");
    pids_to_compare.push_back(child->pid());
  }
  open();
  take();
  std::map<std::uint32_t, const Record*> iterator;
  for (const std::uint32_t pid : pids_to_compare) {
    ASSERT_EQ(snapshots_of(pid).size(), 1U);
    iterator[pid] = snapshots_of(pid)[0];
  }
  open({}, without_iterator());
  take();
  for (const std::uint32_t pid : pids_to_compare) {
    SCOPED_TRACE(pid);
    ASSERT_EQ(snapshots_of(pid).size(), 2U);
    const Record& a = *iterator[pid];
    const Record& b = *snapshots_of(pid)[1];
    EXPECT_EQ(executable_of(a), executable_of(b));
    EXPECT_EQ(a.string(a.task().working_directory), b.string(b.task().working_directory));
    EXPECT_EQ(file_id(a), file_id(b));
    EXPECT_EQ(a.as<bongsu_exec>().flags, b.as<bongsu_exec>().flags);
    EXPECT_EQ(a.as<bongsu_exec>().args_count, b.as<bongsu_exec>().args_count);
    // The rest of the task, but for the clock's grain and where the string lies.
    bongsu_task expected = a.task();
    bongsu_task actual = b.task();
    EXPECT_EQ(ticks(expected.start_ns), ticks(actual.start_ns));
    EXPECT_EQ(ticks(expected.parent_start_ns), ticks(actual.parent_start_ns));
    expected.start_ns = actual.start_ns = 0;
    expected.parent_start_ns = actual.parent_start_ns = 0;
    expected.working_directory = actual.working_directory = {};
    EXPECT_EQ(expected.cgroup_id, actual.cgroup_id);
    EXPECT_EQ(expected.cgroup_v1_id, actual.cgroup_v1_id);
    EXPECT_EQ(expected.cgroup_v1_hierarchy, actual.cgroup_v1_hierarchy);
    EXPECT_EQ(std::string(expected.comm), std::string(actual.comm));
    EXPECT_EQ(std::memcmp(&expected, &actual, sizeof(expected)), 0);
  }
  EXPECT_EQ(iterator[memfd.pid()]->as<bongsu_exec>().flags, std::uint32_t{BONGSU_EXEC_MEMFD});
  EXPECT_EQ(iterator[deleted.pid()]->as<bongsu_exec>().flags, std::uint32_t{BONGSU_EXEC_DELETED});
  EXPECT_EQ(iterator[oddly_named.pid()]->as<bongsu_exec>().flags, 0U);
  EXPECT_EQ(executable_of(*iterator[oddly_named.pid()]), odd);
}

}  // namespace
}  // namespace bongsu::test
