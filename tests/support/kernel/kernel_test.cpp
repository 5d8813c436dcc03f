// SPDX-License-Identifier: Apache-2.0
#include "support/kernel/kernel_test.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <bitset>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "sensor/probe_object.h"
#include "support/kernel/child.h"

namespace bongsu::test {
namespace {

constexpr int kPollMs = 50;

// For scripts/kernel-matrix: with BONGSU_TEST_HOOKS each sensor takes that HookMode, whatever the test says; with
// BONGSU_TEST_REPORT each test says which events it stands for: those that it named and looked for, or when it named
// none, those of identity that it looked for. One test runs at a time.
struct TestEvents {
  std::bitset<kEventCount> wanted;  // named when the sensor was opened
  std::bitset<kEventCount> asked;   // looked for
  std::bitset<kEventCount> found;
};
TestEvents test_events;

// Lines that scripts/matrix/suite.py reads: EVENT name rung found|not-found, and REFUSED name why.
void report(const HookPlan& plan) {
  for (const HookChoice& choice : plan) {
    const auto event = static_cast<std::size_t>(choice.event);
    if (!test_events.asked[event] || (test_events.wanted.any() && !test_events.wanted[event])) {
      continue;
    }
    const std::string_view name = info(choice.event).name;
    std::cout << "EVENT " << name << " " << (choice.hook == nullptr ? 0 : choice.hook->rung) << " "
              << (test_events.found[event] ? "found" : "not-found") << "\n";
    if (!choice.refused.empty()) {
      std::cout << "REFUSED " << name << " " << choice.refused.substr(0, choice.refused.find('\n')) << "\n";
    }
  }
  std::cout << std::flush;
}

std::string status_line(const std::string& status, const std::string& key) {
  const std::size_t at = status.find("\n" + key + ":");
  return at == std::string::npos ? ""
                                 : status.substr(at + key.size() + 2, status.find('\n', at + 1) - at - key.size() - 2);
}

}  // namespace

KeptRecord::KeptRecord(std::span<const std::byte> bytes) : words_((bytes.size() + 7) / 8) {
  std::memcpy(words_.data(), bytes.data(), bytes.size());
  record_ = Record::decode({reinterpret_cast<const std::byte*>(words_.data()), bytes.size()});
}

void KernelTest::SetUp() {
  if (GetParam() == TransportKind::ring && !kernel_has_ring_buffer()) {
    GTEST_SKIP() << "this kernel has no BPF ring buffer";
  }
}

void KernelTest::open(std::initializer_list<EventType> events, SensorOptions options) {
  options.transport = GetParam();
  if (const char* hooks = std::getenv("BONGSU_TEST_HOOKS"); hooks != nullptr) {
    options.hooks = parse_hook_mode(hooks);
  }
  for (const EventType event : events) {
    options.events.set(static_cast<std::size_t>(event));
  }
  test_events = {.wanted = options.events, .asked = {}, .found = {}};
  auto sensor = Sensor::open(options, clock_);
  ASSERT_TRUE(sensor.has_value()) << sensor.error().to_string();
  sensor_ = std::move(*sensor);
  ASSERT_EQ(sensor_->transport(), GetParam());
}

void KernelTest::TearDown() {
  if (!sensor_) {
    return;
  }
  sensor_->detach();
  sensor_->drain(keeper());
  const bongsu_counters counters = sensor_->counters();
  for (const EventInfo& event : events()) {
    for (std::size_t reason = 0; reason < BONGSU_LOSS_COUNT && !losses_expected_; ++reason) {
      EXPECT_EQ(counters.lost[static_cast<std::size_t>(event.type)][reason], 0U)
          << event.name << ": " << to_string(static_cast<bongsu_loss>(reason));
    }
  }
  if (std::getenv("BONGSU_TEST_REPORT") != nullptr) {
    report(sensor_->plan());
  }
}

RecordHandler KernelTest::keeper() {
  return [this](std::span<const std::byte> bytes) {
    records_.emplace_back(bytes);
    if (!records_.back().valid()) {
      ADD_FAILURE() << "not a record: " << bytes.size() << " bytes";
      records_.pop_back();
    }
  };
}

bool KernelTest::poll_until(const std::function<bool()>& done, std::uint64_t patience_ns) {
  const std::uint64_t deadline = boot_ns() + patience_ns;
  while (!done()) {
    const auto count = sensor_->poll(kPollMs, -1, keeper());
    if (!count || boot_ns() > deadline) {
      return false;
    }
  }
  return true;
}

std::vector<const Record*> KernelTest::all(EventType type, std::uint32_t pid) const {
  std::vector<const Record*> found;
  for (const KeptRecord& kept : records_) {
    if (kept.record().type() == type && kept.record().task().pid == pid && !kept.record().snapshot()) {
      found.push_back(&kept.record());
    }
  }
  test_events.asked.set(static_cast<std::size_t>(type));
  if (!found.empty()) {
    test_events.found.set(static_cast<std::size_t>(type));
  }
  return found;
}

const Record* KernelTest::wait_for(EventType type, std::uint32_t pid) { return wait_for(type, pid, 1); }

const Record* KernelTest::wait_for(EventType type, std::uint32_t pid, std::size_t nth) {
  if (!poll_until([&] { return all(type, pid).size() >= nth; })) {
    ADD_FAILURE() << "no " << info(type).name << " number " << nth << " of process " << pid;
    return nullptr;
  }
  return all(type, pid)[nth - 1];
}

std::string transport_name(const testing::TestParamInfo<TransportKind>& info) {
  return std::string(to_string(info.param));
}

std::uint64_t ticks(std::uint64_t ns) {
  return ns / (1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)));
}

ProcFacts facts_of(std::uint32_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  ProcFacts facts;
  const std::string stat = read_file(folder + "/stat");
  std::istringstream after_comm(stat.substr(stat.rfind(')') + 1));
  std::vector<std::string> fields{std::istream_iterator<std::string>(after_comm), {}};
  fields.resize(20);  // field 22 of proc(5) is the last one here; the first is field 3
  facts.parent_pid = static_cast<std::uint32_t>(std::stoul("0" + fields[1]));
  facts.start_ticks = std::stoull("0" + fields[19]);
  const auto terminal = static_cast<dev_t>(std::stoul("0" + fields[4]));
  facts.tty_major = static_cast<std::uint16_t>(major(terminal));
  facts.tty_minor = static_cast<std::uint16_t>(minor(terminal));
  const std::string status = read_file(folder + "/status");
  std::istringstream(status_line(status, "Uid")) >> facts.uid >> facts.euid;
  std::istringstream(status_line(status, "Gid")) >> facts.gid >> facts.egid;
  std::istringstream(status_line(status, "CapEff")) >> std::hex >> facts.cap_effective;
  facts.comm = read_file(folder + "/comm");
  facts.comm.resize(facts.comm.empty() ? 0 : facts.comm.size() - 1);
  facts.working_directory = std::filesystem::read_symlink(folder + "/cwd");
  const std::array<const char*, BONGSU_NS_COUNT> names = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    facts.namespaces[i] = static_cast<std::uint32_t>(inode_of(folder + "/ns/" + names[i]));
  }
  return facts;
}

void expect_task(const bongsu_task& task, std::string_view working_directory, std::uint32_t pid,
                 const ProcFacts& facts) {
  EXPECT_EQ(task.pid, pid);
  EXPECT_EQ(task.tid, pid);
  EXPECT_EQ(task.parent_pid, facts.parent_pid);
  EXPECT_EQ(ticks(task.start_ns), facts.start_ticks);
  EXPECT_EQ(task.uid, facts.uid);
  EXPECT_EQ(task.euid, facts.euid);
  EXPECT_EQ(task.gid, facts.gid);
  EXPECT_EQ(task.egid, facts.egid);
  EXPECT_EQ(task.cap_effective, facts.cap_effective);
  EXPECT_EQ(task.tty_major, facts.tty_major);
  EXPECT_EQ(task.tty_minor, facts.tty_minor);
  EXPECT_EQ(std::string(task.comm), facts.comm);
  EXPECT_EQ(working_directory, facts.working_directory);
  for (std::size_t i = 0; i < BONGSU_NS_COUNT; ++i) {
    EXPECT_EQ(task.namespaces[i], facts.namespaces[i]) << "namespace " << i;
  }
}

std::vector<std::string> args_of(const Record& exec) {
  std::vector<std::string> args;
  std::string_view blob = exec.string(exec.as<bongsu_exec>().args);
  while (!blob.empty()) {
    const std::size_t end = std::min(blob.find('\0'), blob.size());
    args.emplace_back(blob.substr(0, end));
    blob.remove_prefix(std::min(end + 1, blob.size()));
  }
  return args;
}

FileId file_id(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  constexpr unsigned kMinorBits = 20;  // linux/kdev_t.h
  return {.device = major(status.st_dev) << kMinorBits | minor(status.st_dev), .inode = status.st_ino};
}

FileId file_id(const Record& exec) {
  return {.device = exec.as<bongsu_exec>().device, .inode = exec.as<bongsu_exec>().inode};
}

std::string comm_of(const Record& record) { return record.task().comm; }

std::uint64_t inode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_ino;
}

}  // namespace bongsu::test
