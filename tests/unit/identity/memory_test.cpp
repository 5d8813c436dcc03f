// SPDX-License-Identifier: Apache-2.0
//
// Once warm, nothing on the way from a record to its event allocates, and nothing grows: operator new of this program
// counts.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include "identity/identity.h"
#include "support/record_builder.h"

namespace {

std::atomic<std::uint64_t> allocations{0};
std::atomic<std::uint64_t> live_bytes{0};

void* counted(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);  // NOLINT(cppcoreguidelines-no-malloc): this is operator new
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  live_bytes += ::malloc_usable_size(memory);
  return memory;
}

void counted_free(void* memory) {
  live_bytes -= ::malloc_usable_size(memory);
  std::free(memory);  // NOLINT(cppcoreguidelines-no-malloc): this is operator delete
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { counted_free(memory); }
void operator delete[](void* memory) noexcept { counted_free(memory); }
void operator delete(void* memory, std::size_t) noexcept { counted_free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { counted_free(memory); }

namespace bongsu {
namespace {

using test::kSecond;
using test::RecordBuilder;
using test::Who;

TEST(NoAllocation, ForkExecExitInAContainerOnceWarm) {
  Identity::Options options;
  options.host_name = "node-1";
  options.boot_id = "boot";
  options.processes.max_processes = 1024;
  Identity identity(std::move(options));
  const Who shell{10, kSecond};
  const std::string path = "/docker/" + std::string(64, 'a');
  const RecordBuilder made = RecordBuilder::cgroup_made(shell, 0, 5, path);
  ASSERT_NE(identity.observe(made.record()), nullptr);
  const RecordBuilder parent = RecordBuilder::exec(shell).program("/bin/bash").args({"bash"}).cgroup_v2(5);
  ASSERT_NE(identity.observe(parent.record()), nullptr);

  RecordBuilder fork = RecordBuilder::fork(shell, shell).cgroup_v2(5).directory("/var/lib/app/data");
  RecordBuilder exec = RecordBuilder::exec(shell).cgroup_v2(5).directory("/var/lib/app/data");
  exec.program("/usr/lib/app/bin/worker-process", "/opt/app/worker")
      .args({"worker", "--config", "/etc/app/worker.json"});
  RecordBuilder rename = RecordBuilder::rename(shell, "worker").comm("w1").cgroup_v2(5);
  RecordBuilder exit = RecordBuilder::exit(shell).cgroup_v2(5);
  std::uint64_t read = 0;
  std::uint64_t events = 0;
  const auto observe = [&](RecordBuilder& builder, Who who, std::uint64_t now_ns) {
    builder.task().pid = builder.task().tid = who.pid;
    builder.task().start_ns = who.start_ns;
    const LiveEvent* event = identity.observe(builder.at(now_ns).record());
    events += event != nullptr ? 1 : 0;
    for (const FieldInfo& field : fields()) {
      const Value value = event->value(field.id);
      if (value.kind() == Value::Kind::string_list) {
        (void)value.list().any([&](std::string_view item) {
          read += item.size();
          return false;
        });
      } else if (value.kind() == Value::Kind::string) {
        read += value.string().size();
      }
    }
  };
  const auto cycles = [&](std::uint32_t from, std::uint32_t to) {
    for (std::uint32_t i = from; i < to; ++i) {
      const std::uint64_t now =
          (2 + i / 100) * kSecond + i % 100;  // a hundred a second: exited ones expire and are reused
      const Who child{100 + i, now};
      fork.as<bongsu_fork>().creator_pid = shell.pid;
      fork.as<bongsu_fork>().creator_start_ns = shell.start_ns;
      observe(fork, child, now);
      observe(exec, child, now + 1);
      observe(rename, child, now + 2);
      observe(exit, child, now + 3);
    }
  };
  cycles(0, 5000);
  const std::uint64_t before = allocations;
  cycles(5000, 15000);
  EXPECT_EQ(allocations - before, 0U);
  EXPECT_EQ(events, 4U * 15000U);
  EXPECT_GT(read, 0U);
}

class NobodyThere final : public ProcReader {
 public:
  bool arguments(std::uint32_t, std::uint64_t, std::size_t, std::string&, bool&) override { return false; }
  bool exists(std::uint32_t, std::uint64_t) override { return false; }
};

// Half of them lose a record: their exit, or their fork.
TEST(Memory, OfTwoHundredThousandProcessesIsBounded) {
  constexpr std::uint32_t kProcesses = 200'000;
  constexpr std::uint32_t kPids = 32768;  // the kernel's default pid_max
  NobodyThere reader;
  ProcessTable table({4096, 1 << 20, 10 * kSecond}, "boot", &reader);
  const std::string args(300, 'x');
  std::size_t warm_bytes = 0;
  Who previous{1, 1};
  table.observe(RecordBuilder::exec(previous).program("/sbin/init").record());
  RecordBuilder fork = RecordBuilder::fork(previous, previous);
  RecordBuilder exec = RecordBuilder::exec(previous).program("/usr/bin/worker", "worker").blob_args(args);
  RecordBuilder exit = RecordBuilder::exit(previous);
  const auto about = [](RecordBuilder& builder, Who subject, std::uint64_t time_ns) -> RecordBuilder& {
    builder.task().pid = builder.task().tid = subject.pid;
    builder.task().start_ns = subject.start_ns;
    return builder.at(time_ns);
  };
  for (std::uint32_t i = 0; i < kProcesses; ++i) {
    const std::uint64_t now = kSecond + i * std::uint64_t{1'000'000};
    const Who child{2 + i % (kPids - 2), now};
    if (i % 4 != 0) {
      about(fork, child, now).as<bongsu_fork>().creator_pid = previous.pid;
      fork.as<bongsu_fork>().creator_start_ns = previous.start_ns;
      table.observe(fork.record());
    }
    table.observe(about(exec, child, now + 1).record());
    if (i % 4 != 1) {
      table.observe(about(exit, child, now + 2).record());
    }
    if (i % 10 == 0) {
      previous = child;  // chains of ancestors, some of them dead
    }
    if (i == kProcesses / 2) {
      warm_bytes = live_bytes;
    }
  }
  EXPECT_LE(table.size(), 4096U);
  EXPECT_LE(table.programs().size(), 4097U);
  EXPECT_LE(table.programs().args_bytes(), std::size_t{1} << 20);
  const ProcessTable::Counters& counters = table.counters();
  EXPECT_GE(counters.created, kProcesses);
  EXPECT_LT(counters.refused, kProcesses / 100);
  EXPECT_EQ(counters.duplicate_exits, 0U);
  // Nothing grows in the second half, give or take the memory that strings keep.
  const std::size_t end_bytes = live_bytes;
  EXPECT_LT(end_bytes, warm_bytes + (std::size_t{1} << 18));
  RecordProperty("bytes", std::to_string(end_bytes));
}

TEST(NoAllocation, TheCounterCounts) {
  const std::uint64_t before = allocations;
  const std::string text(1000, 'x');
  EXPECT_GT(allocations - before, 0U);
  EXPECT_GT(live_bytes, 1000U);
  EXPECT_EQ(text.size(), 1000U);
}

}  // namespace
}  // namespace bongsu
