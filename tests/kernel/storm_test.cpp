// SPDX-License-Identifier: Apache-2.0
//
// Ten thousand processes in a row: each told exactly once, with what its parent knows of it.
#include <algorithm>
#include <cstdio>
#include <sstream>

#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"

namespace bongsu::test {
namespace {

constexpr int kProcesses = 10'000;
constexpr std::uint64_t kStormPatienceNs = 150'000'000'000;
constexpr std::uint64_t kLifetimeToleranceNs = 1'000'000;

// One line of the trigger's file.
struct Measured {
  std::uint32_t pid = 0;
  std::uint64_t before_ns = 0;
  std::uint64_t after_ns = 0;
  int status = 0;
};

std::vector<Measured> read_measured(const std::string& path) {
  std::istringstream lines(read_file(path));
  std::vector<Measured> all;
  for (Measured one; lines >> one.pid >> one.before_ns >> one.after_ns >> one.status;) {
    all.push_back(one);
  }
  return all;
}

class StormTest : public KernelTest {
 protected:
  // The records of the storm's children: of its event, with this process as the parent.
  [[nodiscard]] std::vector<const Record*> children_of(std::uint32_t parent, EventType type) const {
    std::vector<const Record*> found;
    for (const KeptRecord& kept : records()) {
      if (kept.record().type() == type && kept.record().task().parent_pid == parent) {
        found.push_back(&kept.record());
      }
    }
    return found;
  }
};
BONGSU_BOTH_TRANSPORTS(StormTest);

TEST_P(StormTest, EveryProcessIsToldOnceAndLivesAsLongAsItsParentMeasured) {
  SensorOptions options;
  options.ring_bytes = 64ULL << 20;
  open({}, options);
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/measured";
  Child storm({.args = {trigger("storm"), std::to_string(kProcesses), trigger("exit"), file}});
  const std::uint32_t parent = storm.pid();
  std::size_t seen = 0;
  const auto ended = [&] {
    for (; seen < records().size(); ++seen) {
      if (records()[seen].record().type() == EventType::exit && records()[seen].record().task().pid == parent) {
        return true;
      }
    }
    return false;
  };
  ASSERT_TRUE(poll_until(ended, kStormPatienceNs));
  ASSERT_EQ(storm.finish(), 0);

  const std::vector<Measured> measured = read_measured(file);
  ASSERT_EQ(measured.size(), static_cast<std::size_t>(kProcesses));
  const std::uint64_t parent_start_ns = all(EventType::fork, parent)[0]->task().start_ns;
  std::vector<std::uint64_t> differences_ns;
  const auto forks = children_of(parent, EventType::fork);
  const auto execs = children_of(parent, EventType::exec);
  const auto exits = children_of(parent, EventType::exit);
  ASSERT_EQ(forks.size(), measured.size());
  ASSERT_EQ(execs.size(), measured.size());
  ASSERT_EQ(exits.size(), measured.size());
  for (std::size_t i = 0; i < measured.size(); ++i) {  // one after the other, so in the same order
    const Measured& one = measured[i];
    const int code = static_cast<int>(i % 256);
    ASSERT_EQ(one.status, code << 8);
    ASSERT_EQ(forks[i]->task().pid, one.pid) << i;
    ASSERT_EQ(execs[i]->task().pid, one.pid) << i;
    ASSERT_EQ(exits[i]->task().pid, one.pid) << i;
    const std::uint64_t start_ns = forks[i]->task().start_ns;
    ASSERT_EQ(execs[i]->task().start_ns, start_ns);
    ASSERT_EQ(exits[i]->task().start_ns, start_ns);
    ASSERT_EQ(forks[i]->as<bongsu_fork>().creator_pid, parent);
    ASSERT_EQ(forks[i]->as<bongsu_fork>().creator_start_ns, parent_start_ns);
    ASSERT_EQ(execs[i]->task().parent_start_ns, parent_start_ns);
    ASSERT_EQ(exits[i]->task().parent_start_ns, parent_start_ns);
    ASSERT_EQ(args_of(*execs[i]), (std::vector<std::string>{trigger("exit"), "code", std::to_string(code)}));
    ASSERT_EQ(exits[i]->as<bongsu_exit>().exit_code, code);
    ASSERT_EQ(exits[i]->as<bongsu_exit>().signal, 0U);
    ASSERT_LE(one.before_ns, start_ns);
    ASSERT_LE(start_ns, forks[i]->header().time_ns);
    ASSERT_LE(forks[i]->header().time_ns, execs[i]->header().time_ns);
    ASSERT_LE(execs[i]->header().time_ns, exits[i]->header().time_ns);
    ASSERT_LE(exits[i]->header().time_ns, one.after_ns);
    const std::uint64_t lifetime_ns = one.after_ns - one.before_ns;
    ASSERT_LE(exits[i]->as<bongsu_exit>().duration_ns, lifetime_ns);
    differences_ns.push_back(lifetime_ns - exits[i]->as<bongsu_exit>().duration_ns);
  }
  std::sort(differences_ns.begin(), differences_ns.end());
  const std::uint64_t median_ns = differences_ns[differences_ns.size() / 2];
  std::printf("lifetime against the parent's measure: median %.1f us, p99 %.1f us, of %zu processes\n",
              static_cast<double>(median_ns) / 1e3,
              static_cast<double>(differences_ns[differences_ns.size() * 99 / 100]) / 1e3, differences_ns.size());
  EXPECT_LT(median_ns, kLifetimeToleranceNs);
}  // TearDown() holds that nothing was lost

}  // namespace
}  // namespace bongsu::test
