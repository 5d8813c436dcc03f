// SPDX-License-Identifier: Apache-2.0
//
// Two rings, one order: what a process does is handed over as it happened, whichever ring the records went through.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "support/kernel/calls.h"
#include "support/kernel/worker.h"

namespace bongsu::test {
namespace {

constexpr std::size_t kTimes = 200;

class OrderTest : public KernelTest {
 protected:
  using Story = std::vector<std::string>;

  // What each child of `parent` did, in the order of arrival; of opens only those in `folder`.
  [[nodiscard]] std::map<std::uint32_t, Story> stories(std::uint32_t parent, const std::string& folder) const {
    std::map<std::uint32_t, Story> found;
    for (const KeptRecord& kept : records()) {
      const Record& record = kept.record();
      if (record.snapshot() || record.task().parent_pid != parent) {
        continue;
      }
      if (record.type() != EventType::open) {
        found[record.task().pid].emplace_back(info(record.type()).name);
        continue;
      }
      const std::string path(record.string(record.as<bongsu_open>().path));
      if (path.starts_with(folder + "/")) {
        found[record.task().pid].push_back("open " + path.substr(folder.size() + 1));
      }
    }
    return found;
  }
};
BONGSU_BOTH_TRANSPORTS(OrderTest);

TEST_P(OrderTest, OfOneProcessAcrossBothRings) {
  const TemporaryDirectory directory;
  const std::string first = directory.path() + "/first";
  const std::string second = directory.path() + "/second";
  for (const std::string& path : {first, second}) {
    const UniqueFd made(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    ASSERT_TRUE(made);
  }
  const std::string program = trigger("calls");
  const std::string step = call(SYS_openat, {num(AT_FDCWD), text(second), num(O_RDONLY)});
  Worker worker([&](int) {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (std::size_t i = 0; i < kTimes; ++i) {
      fork_and_wait([&] {
        must(::dup2(null, STDIN_FILENO) == 0 && ::dup2(null, STDOUT_FILENO) == 1, "dup2");
        open_and_close(first.c_str());
        ::execl(program.c_str(), "calls", step.c_str(), nullptr);
        ::_exit(1);
      });
    }
  });
  open({EventType::open});
  worker.start(0);
  ASSERT_TRUE(poll_until([&] { return stories(worker.pid(), directory.path()).size() == kTimes; }));
  ASSERT_TRUE(worker.done());
  sensor().detach();
  sensor().drain(keeper());
  const auto found = stories(worker.pid(), directory.path());
  ASSERT_EQ(found.size(), kTimes);
  for (const auto& [pid, story] : found) {
    EXPECT_EQ(story, (Story{"fork", "open first", "exec", "open second", "exit"})) << pid;
  }
}

// The parent opens a file only after its child has ended: what two processes do, on any CPUs, is ordered too.
TEST_P(OrderTest, OfCauseAndEffectBetweenProcesses) {
  Worker worker([](int) {
    for (std::size_t i = 0; i < kTimes; ++i) {
      open_and_close("/dev/null");
      fork_and_wait([] { open_and_close("/dev/zero"); });
    }
  });
  open({EventType::open});
  ASSERT_TRUE(worker.step(0));
  sensor().detach();
  sensor().drain(keeper());
  std::string told;
  for (const KeptRecord& kept : records()) {
    const Record& record = kept.record();
    const bool own = record.task().pid == worker.pid();
    if (record.snapshot() || (!own && record.task().parent_pid != worker.pid())) {
      continue;
    }
    switch (record.type()) {
      case EventType::open:
        told += own ? 'p' : 'c';
        break;
      case EventType::fork:
        told += own ? "" : "f";
        break;
      case EventType::exit:
        told += own ? "" : "x";
        break;
      default:
        break;
    }
  }
  std::string expected;
  for (std::size_t i = 0; i < kTimes; ++i) {
    expected += "pfcx";
  }
  EXPECT_EQ(told, expected);
}

}  // namespace
}  // namespace bongsu::test
