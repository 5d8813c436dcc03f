// SPDX-License-Identifier: Apache-2.0
//
// What every kernel test stands on: a sensor that is really attached, the records it hands over, and what /proc says of
// a process to compare them with. Each test runs on both transports. At its end nothing may have been lost, unless it
// said so.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "events/record.h"
#include "sensor/sensor.h"

namespace bongsu::test {

// A record and its own copy of the bytes.
class KeptRecord {
 public:
  explicit KeptRecord(std::span<const std::byte> bytes);
  ~KeptRecord() = default;
  KeptRecord(const KeptRecord&) = delete;
  KeptRecord& operator=(const KeptRecord&) = delete;
  [[nodiscard]] const Record& record() const { return *record_; }
  [[nodiscard]] bool valid() const { return record_.has_value(); }

 private:
  std::vector<std::uint64_t> words_;
  std::optional<Record> record_;
};

class KernelTest : public testing::TestWithParam<TransportKind> {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Opens the sensor with the events that identity needs and these.
  void open(std::initializer_list<EventType> events = {}, SensorOptions options = SensorOptions());
  [[nodiscard]] Sensor& sensor() { return *sensor_; }
  void expect_losses() { losses_expected_ = true; }

  static constexpr std::uint64_t kPatienceNs = 20'000'000'000;
  // Polls until the condition holds; false when it does not in time.
  [[nodiscard]] bool poll_until(const std::function<bool()>& done, std::uint64_t patience_ns = kPatienceNs);
  // All records so far, in the order of arrival; those of one event and process.
  [[nodiscard]] const std::deque<KeptRecord>& records() const { return records_; }
  [[nodiscard]] std::vector<const Record*> all(EventType type, std::uint32_t pid) const;
  // Polls until there is one: the first. Null, and the test has failed, when none comes.
  [[nodiscard]] const Record* wait_for(EventType type, std::uint32_t pid);
  // The n-th (from 1).
  [[nodiscard]] const Record* wait_for(EventType type, std::uint32_t pid, std::size_t nth);
  [[nodiscard]] RecordHandler keeper();

 private:
  SystemClock clock_;
  std::unique_ptr<Sensor> sensor_;
  std::deque<KeptRecord> records_;
  bool losses_expected_ = false;
};

[[nodiscard]] std::string transport_name(const testing::TestParamInfo<TransportKind>& info);
#define BONGSU_BOTH_TRANSPORTS(suite)                                                                   \
  INSTANTIATE_TEST_SUITE_P(Transport, suite, testing::Values(TransportKind::ring, TransportKind::perf), \
                           bongsu::test::transport_name)

// What /proc says of a live process. A thread of it by "PID/task/TID".
struct ProcFacts {
  std::uint32_t parent_pid = 0;
  std::uint64_t start_ticks = 0;
  std::uint32_t uid = 0;
  std::uint32_t euid = 0;
  std::uint32_t gid = 0;
  std::uint32_t egid = 0;
  std::uint64_t cap_effective = 0;
  std::string comm;
  std::string working_directory;
  std::uint16_t tty_major = 0;
  std::uint16_t tty_minor = 0;
  std::array<std::uint32_t, BONGSU_NS_COUNT> namespaces{};
};
[[nodiscard]] ProcFacts facts_of(std::uint32_t pid);
[[nodiscard]] std::uint64_t ticks(std::uint64_t ns);

// Every member of the record's task block against /proc but the cgroups.
void expect_task(const bongsu_task& task, std::string_view working_directory, std::uint32_t pid,
                 const ProcFacts& facts);
inline void expect_task(const Record& record, std::uint32_t pid, const ProcFacts& facts) {
  expect_task(record.task(), record.string(record.task().working_directory), pid, facts);
}

// The arguments of an exec record.
[[nodiscard]] std::vector<std::string> args_of(const Record& exec);
[[nodiscard]] inline std::string executable_of(const Record& exec) {
  return std::string(exec.string(exec.as<bongsu_exec>().executable));
}
[[nodiscard]] inline std::string requested_of(const Record& exec) {
  return std::string(exec.string(exec.as<bongsu_exec>().requested));
}
// The file's device as the kernel has it (MKDEV of linux/kdev_t.h), and its inode number.
struct FileId {
  std::uint32_t device = 0;
  std::uint64_t inode = 0;
  bool operator==(const FileId&) const = default;
};
[[nodiscard]] FileId file_id(const std::string& path);
[[nodiscard]] FileId file_id(const Record& exec);
[[nodiscard]] std::string comm_of(const Record& record);
// The inode number: a cgroup's id, a namespace's number.
[[nodiscard]] std::uint64_t inode_of(const std::string& path);

}  // namespace bongsu::test
