// SPDX-License-Identifier: Apache-2.0
//
// SensorFilter: the kernel side leaves out what was not asked for, and nothing else. Every test has something that must
// be told and something that must not.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "identity/identity.h"
#include "support/kernel/cgroup.h"
#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"
#include "support/kernel/worker.h"

namespace bongsu::test {
namespace {

constexpr std::uint32_t kNobody = 65534;

SensorFilter of_processes(std::vector<std::uint32_t> pids, bool with_children = false) {
  SensorFilter filter;
  filter.follow = std::move(pids);
  filter.follow_children = with_children;
  return filter;
}

SensorFilter of_comm(std::string comm) {
  SensorFilter filter;
  filter.comm = std::move(comm);
  return filter;
}

SensorFilter of_user(std::uint32_t user) {
  SensorFilter filter;
  filter.uid = user;
  return filter;
}

void open_null() { open_and_close("/dev/null"); }

class SensorFilterTest : public KernelTest {
 protected:
  void open_with(SensorFilter filter, std::initializer_list<EventType> events = {EventType::open}) {
    SensorOptions options;
    options.filter = std::move(filter);
    open(events, options);
  }
  void finish() {
    sensor().detach();
    sensor().drain(keeper());
  }
  [[nodiscard]] std::size_t opens(std::uint32_t pid) const { return all(EventType::open, pid).size(); }
  // Of anyone whose parent that is.
  [[nodiscard]] std::vector<const Record*> of_children(EventType type, std::uint32_t parent) const {
    std::vector<const Record*> found;
    for (const KeptRecord& kept : records()) {
      if (kept.record().type() == type && kept.record().task().parent_pid == parent) {
        found.push_back(&kept.record());
      }
    }
    return found;
  }
};
BONGSU_BOTH_TRANSPORTS(SensorFilterTest);

TEST_P(SensorFilterTest, ByTheThreadsComm) {
  const auto work = [](int step) {
    // The whole 15 bytes count: a longer name's beginning is another name.
    const std::array<const char*, 3> names = {"bongsu-wanted-x", "bongsu-wanted-y", "bongsu-wanted"};
    ::prctl(PR_SET_NAME, names.at(static_cast<std::size_t>(step)));
    open_null();
  };
  Worker worker(work);
  open_with(of_comm("bongsu-wanted-x"));
  for (const int step : {1, 0, 2, 0, 1}) {
    ASSERT_TRUE(worker.step(step));
  }
  finish();
  EXPECT_EQ(opens(worker.pid()), 2U);
  for (const Record* record : all(EventType::open, worker.pid())) {
    EXPECT_EQ(comm_of(*record), "bongsu-wanted-x");
  }
}

TEST_P(SensorFilterTest, ByTheEffectiveUserId) {
  Worker worker([](int step) {
    const std::uint32_t user = step == 1 ? kNobody : 0;
    must(::seteuid(user) == 0, "seteuid");
    open_null();
  });
  open_with(of_user(kNobody));
  for (const int step : {0, 1, 0}) {
    ASSERT_TRUE(worker.step(step));
  }
  finish();
  ASSERT_EQ(opens(worker.pid()), 1U);
  EXPECT_EQ(all(EventType::open, worker.pid())[0]->task().euid, kNobody);
}

TEST_P(SensorFilterTest, ByUserIdZeroIsNotByNone) {
  Worker worker([](int step) {
    must(::seteuid(step == 1 ? kNobody : 0) == 0, "seteuid");
    open_null();
  });
  open_with(of_user(0));
  ASSERT_TRUE(worker.step(1) && worker.step(0));
  finish();
  ASSERT_EQ(opens(worker.pid()), 1U);
  EXPECT_EQ(all(EventType::open, worker.pid())[0]->task().euid, 0U);
}

TEST_P(SensorFilterTest, OneProcessAndItsThreadsNotItsChildren) {
  const auto work = [](int) {
    open_null();
    std::thread(open_null).join();
    fork_and_wait(open_null);
  };
  Worker followed(work);
  Worker other(work);
  open_with(of_processes({followed.pid()}));
  ASSERT_TRUE(other.step(0) && followed.step(0));
  ASSERT_NE(wait_for(EventType::open, followed.pid(), 2), nullptr);
  sensor().follow(other.pid());
  ASSERT_TRUE(other.step(0));
  finish();
  EXPECT_EQ(opens(followed.pid()), 2U);
  EXPECT_NE(all(EventType::open, followed.pid())[1]->task().tid, followed.pid());
  EXPECT_EQ(opens(other.pid()), 2U) << "from the moment on at which it is followed";
  EXPECT_TRUE(of_children(EventType::open, followed.pid()).empty());
  // Identity needs these of every process.
  EXPECT_EQ(of_children(EventType::fork, followed.pid()).size(), 1U);
  EXPECT_EQ(of_children(EventType::fork, other.pid()).size(), 2U);
  EXPECT_EQ(of_children(EventType::exit, other.pid()).size(), 2U);
}

TEST_P(SensorFilterTest, AProcessAndAllThatComeOfIt) {
  const auto work = [](int) {
    fork_and_wait([] {
      open_null();
      fork_and_wait([] { open_and_close("/dev/zero"); });
    });
  };
  Worker followed(work);
  Worker other(work);
  open_with(of_processes({followed.pid()}, true));
  ASSERT_TRUE(other.step(0) && followed.step(0));
  finish();
  const auto child = of_children(EventType::open, followed.pid());
  ASSERT_EQ(child.size(), 1U);
  EXPECT_EQ(child[0]->string(child[0]->as<bongsu_open>().path), "/dev/null");
  const auto grandchild = of_children(EventType::open, child[0]->task().pid);
  ASSERT_EQ(grandchild.size(), 1U);
  EXPECT_EQ(grandchild[0]->string(grandchild[0]->as<bongsu_open>().path), "/dev/zero");
  EXPECT_TRUE(of_children(EventType::open, other.pid()).empty());
  for (const Record* fork : of_children(EventType::fork, other.pid())) {
    EXPECT_TRUE(of_children(EventType::open, fork->task().pid).empty());
  }
}

// The parent waits until the child is done with its memory; the child is followed from its first instruction all the
// same.
TEST_P(SensorFilterTest, AChildMadeByVfork) {
  const auto work = [](int) {
    const pid_t child =
        ::vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork,bugprone-unsafe-functions): what is tested
    if (child == 0) {
      const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
      ::_exit(fd < 0 ? 1 : 0);
    }
    int status = 0;
    must(child > 0 && ::waitpid(child, &status, 0) == child && status == 0, "vfork");
  };
  Worker followed(work);
  Worker other(work);
  open_with(of_processes({followed.pid()}, true));
  ASSERT_TRUE(other.step(0) && followed.step(0));
  finish();
  EXPECT_EQ(of_children(EventType::open, followed.pid()).size(), 1U);
  EXPECT_TRUE(of_children(EventType::open, other.pid()).empty());
}

class SensorMuteTest : public SensorFilterTest {
 protected:
  void expect_muted(const CgroupTree& tree) {
    if (!tree.valid()) {
      GTEST_SKIP() << "this machine does not mount such a hierarchy";
    }
    const auto work = [&](int step) {
      if (step == 0) {
        must(tree.enter(), "enter");
      } else if (step == 1) {
        open_null();
      } else {
        fork_and_wait(open_null);
      }
    };
    Worker muted(work);
    Worker other(work);
    ASSERT_TRUE(muted.step(0));
    open_with({});
    ASSERT_TRUE(muted.step(1));
    const Record* first = wait_for(EventType::open, muted.pid());
    ASSERT_NE(first, nullptr);
    const bongsu_cgroup_key key = cgroup_key(first->task());
    EXPECT_EQ(key.id, tree.id());
    EXPECT_EQ(key.hierarchy, tree.hierarchy());
    sensor().mute(key);
    ASSERT_TRUE(muted.step(1) && muted.step(2) && other.step(1) && other.step(2));
    finish();
    EXPECT_EQ(opens(muted.pid()), 1U);
    EXPECT_TRUE(of_children(EventType::open, muted.pid()).empty());
    EXPECT_EQ(of_children(EventType::fork, muted.pid()).size(), 1U);
    EXPECT_EQ(of_children(EventType::exit, muted.pid()).size(), 1U);
    EXPECT_EQ(opens(other.pid()), 1U);
    EXPECT_EQ(of_children(EventType::open, other.pid()).size(), 1U);
  }
};
BONGSU_BOTH_TRANSPORTS(SensorMuteTest);

TEST_P(SensorMuteTest, ACgroupOfTheUnifiedHierarchy) { expect_muted(CgroupTree::v2()); }
TEST_P(SensorMuteTest, ACgroupOfAController) { expect_muted(CgroupTree::v1("memory")); }

TEST_P(SensorFilterTest, TheMonitorItselfIsNeverTold) {
  open({EventType::open, EventType::rename_comm});
  Worker worker([](int) { open_null(); });
  for (int i = 0; i < 10; ++i) {
    open_null();
    std::thread(open_null).join();
  }
  ASSERT_TRUE(worker.step(0));
  finish();
  EXPECT_EQ(opens(static_cast<std::uint32_t>(::getpid())), 0U);
  EXPECT_EQ(opens(worker.pid()), 1U);
  EXPECT_EQ(all(EventType::fork, worker.pid()).size(), 1U) << "what identity needs is told";
}

TEST_P(SensorFilterTest, ASummaryAddsUpWhatWasDone) {
  const auto work = [](int) {
    ::prctl(PR_SET_NAME, "adder");
    const int from = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
    const int to = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    std::array<char, 10> bytes{};
    for (int i = 0; i < 1'000; ++i) {
      must(::read(from, bytes.data(), bytes.size()) == 10, "read");
    }
    for (int i = 0; i < 3; ++i) {
      must(::read(-1, bytes.data(), bytes.size()) < 0, "read that fails");
    }
    for (int i = 0; i < 20; ++i) {
      must(::write(to, bytes.data(), 7) == 7, "write");
    }
    must(::pwrite(to, bytes.data(), 5, 0) == 5, "pwrite");
    must(::close(from) == 0 && ::close(to) == 0, "close");
    fork_and_wait([] {});
  };
  Worker worker(work);
  Worker other(work);
  SensorFilter filter = of_processes({worker.pid()});
  filter.summary = true;
  open_with(filter, {EventType::read, EventType::write});
  ASSERT_TRUE(worker.step(0) && other.step(0));
  finish();
  const std::vector<Sensor::Total> totals = sensor().totals();
  ASSERT_EQ(totals.size(), 2U);
  for (const Sensor::Total& total : totals) {
    EXPECT_EQ(total.what.pid, worker.pid());
    EXPECT_EQ(ticks(total.what.start_ns), facts_of(worker.pid()).start_ticks);
    EXPECT_EQ(std::string(total.sum.comm), "adder");
    const bool reads = total.what.type == BONGSU_EVENT_read;
    EXPECT_TRUE(reads || total.what.type == BONGSU_EVENT_write);
    EXPECT_EQ(total.sum.calls, reads ? 1'003U : 21U);
    EXPECT_EQ(total.sum.bytes, reads ? 10'000U : 145U);
    EXPECT_EQ(total.sum.errors, reads ? 3U : 0U);
  }
  EXPECT_NE(totals[0].what.type, totals[1].what.type);
  EXPECT_TRUE(all(EventType::read, worker.pid()).empty());
  EXPECT_TRUE(all(EventType::write, worker.pid()).empty());
  EXPECT_EQ(of_children(EventType::fork, worker.pid()).size(), 1U) << "what identity needs is told";
}

}  // namespace
}  // namespace bongsu::test
