// SPDX-License-Identifier: Apache-2.0
//
// SensorOptions::events_per_second: a cgroup that floods loses what is beyond its share, told by count; no other does.
#include <unistd.h>

#include <fstream>

#include "identity/identity.h"
#include "support/kernel/cgroup.h"
#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"
#include "support/kernel/worker.h"

namespace bongsu::test {
namespace {

constexpr std::uint64_t kPerSecond = 100;
constexpr std::uint64_t kFlood = 20'000;
constexpr std::uint64_t kQuiet = 150;  // less than twice kPerSecond, which is let through at once

void enter(const CgroupTree& tree, const std::string& path) {
  std::ofstream procs(tree.directory(path) + "/cgroup.procs");
  procs << ::getpid() << std::flush;
  must(procs.good(), "enter a cgroup");
}

class FloodTest : public KernelTest {
 protected:
  // Of these workers alone, so that every count is exact.
  void open_for(const Worker& first, const Worker& second) {
    SensorOptions options;
    options.events_per_second = kPerSecond;
    options.filter.follow = {first.pid(), second.pid()};
    open({EventType::open}, options);
    expect_losses();
  }
  [[nodiscard]] std::size_t told(EventType type, std::uint32_t parent) const {
    std::size_t count = 0;
    for (const KeptRecord& kept : records()) {
      count += kept.record().type() == type && kept.record().task().parent_pid == parent ? 1U : 0U;
    }
    return count;
  }
};
BONGSU_BOTH_TRANSPORTS(FloodTest);

TEST_P(FloodTest, OneCgroupLosesWhatIsBeyondItsShareAndNoOther) {
  const CgroupTree v2 = CgroupTree::v2();
  const CgroupTree v1 = CgroupTree::v1(v2.valid() ? "no such" : "memory");
  const CgroupTree& tree = v2.valid() ? v2 : v1;
  ASSERT_TRUE(tree.valid());
  Worker flood([&](int step) { step == 0 ? enter(tree, tree.inner()) : open_and_close("/dev/null", kFlood); });
  Worker quiet([&](int step) { step == 0 ? enter(tree, tree.outer()) : open_and_close("/dev/zero", kQuiet); });
  ASSERT_TRUE(flood.step(0) && quiet.step(0));
  open_for(flood, quiet);
  const std::uint64_t before_ns = boot_ns();
  flood.start(1);
  ASSERT_NE(wait_for(EventType::open, flood.pid()), nullptr);
  ASSERT_TRUE(quiet.step(1));
  ASSERT_TRUE(flood.done());
  const double took_s = static_cast<double>(boot_ns() - before_ns) / 1e9;
  sensor().detach();
  sensor().drain(keeper());

  EXPECT_EQ(all(EventType::open, quiet.pid()).size(), kQuiet);
  const std::size_t shown = all(EventType::open, flood.pid()).size();
  EXPECT_GE(shown, 2 * kPerSecond);
  EXPECT_LE(static_cast<double>(shown), 2.0 * kPerSecond + kPerSecond * took_s + 2);
  const bongsu_counters counters = sensor().counters();
  EXPECT_EQ(counters.emitted[BONGSU_EVENT_open], shown + kQuiet);
  EXPECT_EQ(counters.lost[BONGSU_EVENT_open][BONGSU_LOSS_FLOOD], kFlood - shown);
  EXPECT_EQ(counters.lost[BONGSU_EVENT_open][BONGSU_LOSS_RING_FULL], 0U);

  const std::vector<Sensor::Refusal> refusals = sensor().take_refusals();
  ASSERT_EQ(refusals.size(), 1U);
  EXPECT_EQ(refusals[0].what.type, static_cast<std::uint32_t>(BONGSU_EVENT_open));
  EXPECT_EQ(refusals[0].what.cgroup.id, tree.id());
  EXPECT_EQ(refusals[0].what.cgroup.hierarchy, tree.hierarchy());
  EXPECT_EQ(refusals[0].count, kFlood - shown);
  const bongsu_cgroup_key key = cgroup_key(all(EventType::open, flood.pid())[0]->task());
  EXPECT_EQ(key.id, refusals[0].what.cgroup.id);
  EXPECT_EQ(key.hierarchy, refusals[0].what.cgroup.hierarchy);
  EXPECT_TRUE(sensor().take_refusals().empty()) << "they are taken";
}

TEST_P(FloodTest, ForkExecAndExitAreNeverRefused) {
  constexpr int kChildren = 500;
  const std::string program = trigger("exit");
  Worker worker([&](int) {
    open_and_close("/dev/null", 1'000);
    for (int i = 0; i < kChildren; ++i) {
      fork_and_wait([&] { ::execl(program.c_str(), program.c_str(), "code", "0", nullptr); });
    }
  });
  open_for(worker, worker);
  ASSERT_TRUE(worker.step(0));
  sensor().detach();
  sensor().drain(keeper());
  EXPECT_EQ(told(EventType::fork, worker.pid()), static_cast<std::size_t>(kChildren));
  EXPECT_EQ(told(EventType::exec, worker.pid()), static_cast<std::size_t>(kChildren));
  EXPECT_EQ(told(EventType::exit, worker.pid()), static_cast<std::size_t>(kChildren));
  const bongsu_counters counters = sensor().counters();
  EXPECT_GT(counters.lost[BONGSU_EVENT_open][BONGSU_LOSS_FLOOD], 500U);
  for (const auto type : {BONGSU_EVENT_fork, BONGSU_EVENT_exec, BONGSU_EVENT_exit}) {
    EXPECT_EQ(counters.lost[type][BONGSU_LOSS_FLOOD], 0U);
  }
}

TEST_P(FloodTest, WithoutALimitAllIsTold) {
  SensorOptions options;
  options.events_per_second = 0;
  Worker worker([](int) { open_and_close("/dev/null", 5'000); });
  options.filter.follow = {worker.pid()};
  open({EventType::open}, options);
  ASSERT_TRUE(worker.step(0));
  sensor().detach();
  sensor().drain(keeper());
  EXPECT_EQ(all(EventType::open, worker.pid()).size(), 5'000U);
}

}  // namespace
}  // namespace bongsu::test
