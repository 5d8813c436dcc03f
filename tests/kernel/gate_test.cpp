// SPDX-License-Identifier: Apache-2.0
//
// Gates: of two events that differ in one trait, one is told and the other counted as unmatched. The gates are made by
// hand here; that they ask for no more than the rules do is for the tests of rules/pushdown.h.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include "events/gates.h"
#include "identity/identity.h"
#include "support/kernel/cgroup.h"
#include "support/kernel/child.h"
#include "support/kernel/kernel_test.h"
#include "support/kernel/worker.h"
#include "support/test_folder.h"

namespace bongsu::test {
namespace {

constexpr std::uint32_t kNobody = 65534;
constexpr std::uint64_t kLane = 1;

template <std::size_t kSize>
void fill(__u64 (&row)[kSize], std::uint64_t lanes) {
  std::fill(std::begin(row), std::end(row), lanes);
}

// One lane, which everything passes.
bongsu_gate open_gate() {
  bongsu_gate gate{};
  gate.lanes = gate.no_open_flag = kLane;
  fill(gate.place, kLane);
  fill(gate.outcome, kLane);
  fill(gate.abi, kLane);
  fill(gate.open_flag, kLane);
  fill(gate.file_kind, kLane);
  fill(gate.outside, kLane);
  fill(gate.climbs, kLane);
  fill(gate.family, kLane);
  fill(gate.address, kLane);
  fill(gate.rest, kLane);
  return gate;
}

Gates only(EventType event, const bongsu_gate& gate, std::vector<Gates::Value> values = {}) {
  Gates gates;
  gates.of.at(static_cast<std::size_t>(event)) = gate;
  gates.values = std::move(values);
  return gates;
}

// Only what has this value of a trait with many.
Gates only_value(EventType event, bongsu_trait trait, std::uint64_t value) {
  bongsu_gate gate = open_gate();
  gate.named = 1U << trait;
  gate.rest[trait] = 0;
  if (trait == BONGSU_TRAIT_EXTENSION) {
    gate.named |= 1U << BONGSU_TRAIT_PATH;
    gate.rest[BONGSU_TRAIT_PATH] = 0;
  }
  return only(event, gate, {{event, trait, value, kLane}});
}

void try_open(const std::string& path, int flags = O_RDONLY) {
  constexpr mode_t kMode = 0600;
  if (const int fd = ::open(path.c_str(), flags | O_CLOEXEC, kMode); fd >= 0) {
    ::close(fd);
  }
}

class GateTest : public KernelTest {
 protected:
  // Runs steps 0 to `steps` - 1 of the work behind these gates.
  void run(const Gates& gates, int steps, const std::function<void(int)>& work, EventType event = EventType::open) {
    worker_ = std::make_unique<Worker>(work);
    open({event});
    const Status gated = sensor().gate(&gates);
    ASSERT_TRUE(gated) << gated.error().to_string();
    before_ = unmatched(event);
    for (int step = 0; step < steps; ++step) {
      ASSERT_TRUE(worker_->step(step));
    }
    sensor().detach();
    sensor().drain(keeper());
    told_ = all(event, worker_->pid());
    left_out_ = unmatched(event) - before_;
  }
  [[nodiscard]] std::uint64_t unmatched(EventType event) {
    return sensor().counters().unmatched[static_cast<std::size_t>(event)];
  }
  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> found;
    for (const Record* record : told_) {
      found.emplace_back(record->string(record->as<bongsu_open>().path));
    }
    return found;
  }
  [[nodiscard]] std::string in(const std::string& name) const { return folder_.path(name); }
  [[nodiscard]] std::string make(const std::string& name) const {
    std::filesystem::create_directories(std::filesystem::path(in(name)).parent_path());
    try_open(in(name), O_WRONLY | O_CREAT);
    return in(name);
  }
  [[nodiscard]] const std::vector<const Record*>& told() const { return told_; }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }  // of all processes: at least the worker's

 private:
  TestFolder folder_;
  std::unique_ptr<Worker> worker_;
  std::vector<const Record*> told_;
  std::uint64_t before_ = 0;
  std::uint64_t left_out_ = 0;
};
BONGSU_BOTH_TRANSPORTS(GateTest);

TEST_P(GateTest, AComponentOfThePathAnywhereInIt) {
  const std::array files = {make("wanted/deep/down/a"), make("other/wanted"), make("wanted-not/b"), make("c")};
  run(only_value(EventType::open, BONGSU_TRAIT_PATH, gate_hash("wanted")), 4,
      [&](int step) { try_open(files.at(static_cast<std::size_t>(step))); });
  EXPECT_EQ(paths(), (std::vector{files[0], files[1]}));
  EXPECT_GE(left_out(), 2U);
}

TEST_P(GateTest, AComponentWhateverItsCaseAndLength) {
  const std::string long_name(200, 'n');
  const std::array files = {make("WaNTed"), make(long_name)};
  Gates gates = only_value(EventType::open, BONGSU_TRAIT_PATH, gate_hash("wanted"));
  gates.values.push_back({EventType::open, BONGSU_TRAIT_PATH, gate_hash(long_name), kLane});
  run(gates, 2, [&](int step) { try_open(files.at(static_cast<std::size_t>(step))); });
  EXPECT_EQ(paths(), (std::vector{files[0], files[1]}));
}

TEST_P(GateTest, TheExtensionOfTheLastComponent) {
  const std::array files = {make("a.b.key"), make("key"), make("x.key/plain"), make("a.keys")};
  run(only_value(EventType::open, BONGSU_TRAIT_EXTENSION, gate_hash("key")), 4,
      [&](int step) { try_open(files.at(static_cast<std::size_t>(step))); });
  EXPECT_EQ(paths(), std::vector{files[0]});
}

// Of an open that failed there is the argument alone, and the directory that it counts from.
TEST_P(GateTest, ThePathThatAFailedOpenAskedFor) {
  const std::string folder = std::filesystem::path(make("wanted/x")).parent_path();
  run(only_value(EventType::open, BONGSU_TRAIT_PATH, gate_hash("wanted")), 4, [&](int step) {
    switch (step) {
      case 0:
        try_open(in("gone/wanted/file"));
        break;
      case 1:
        try_open(in("gone/file"));
        break;
      case 2:
        must(::chdir(folder.c_str()) == 0, "chdir");
        try_open("gone");
        break;
      default:
        must(::chdir("/") == 0, "chdir");
        try_open("gone");
    }
  });
  EXPECT_EQ(paths(), (std::vector{in("gone/wanted/file"), folder + "/gone"}));
}

TEST_P(GateTest, AnArgumentThatIsTooLongToBeLookedAtPasses) {
  const std::string file = make("short");
  std::string around;
  while (around.size() < 300) {
    around += "./";
  }
  bongsu_gate gate = open_gate();
  gate.climbs[0] = 0;
  run(only(EventType::open, gate), 2, [&](int step) {
    try_open(step == 0 ? file : std::filesystem::path(file).parent_path().string() + "/" + around + "short");
  });
  ASSERT_EQ(told().size(), 1U);
  EXPECT_GT(told()[0]->string(told()[0]->as<bongsu_open>().given).size(), 300U);
}

TEST_P(GateTest, AnArgumentThatClimbs) {
  const std::string file = make("down/file");
  const std::string round_about = in("down/../down/file");
  bongsu_gate gate = open_gate();
  gate.climbs[0] = 0;
  run(only(EventType::open, gate), 3, [&](int step) {
    try_open(step == 0 ? file : step == 1 ? round_about : in("..gone/..."));
  });
  ASSERT_EQ(told().size(), 1U);
  EXPECT_EQ(told()[0]->string(told()[0]->as<bongsu_open>().given), round_about);
}

TEST_P(GateTest, AFileWithoutAPathPasses) {
  bongsu_gate gate = open_gate();
  gate.named = 1U << BONGSU_TRAIT_PATH;
  gate.rest[BONGSU_TRAIT_PATH] = 0;
  run(only(EventType::open, gate), 1, [&](int) {
    const int memory = ::memfd_create("bongsu", MFD_CLOEXEC);
    try_open("/proc/self/fd/" + std::to_string(memory));
  });
  ASSERT_EQ(told().size(), 1U);
}

TEST_P(GateTest, TheFlagsOfTheFile) {
  const std::string file = make("file");
  bongsu_gate gate = open_gate();
  fill(gate.open_flag, 0);
  gate.open_flag[1] = kLane;  // write
  gate.open_flag[3] = kLane;  // created
  run(only(EventType::open, gate), 4, [&](int step) {
    constexpr std::array kFlags = {O_RDONLY, O_RDWR, O_RDONLY | O_CREAT, O_RDONLY | O_CREAT};
    try_open(step == 3 ? in("new") : file, kFlags.at(static_cast<std::size_t>(step)));
  });
  EXPECT_EQ(paths(), (std::vector{file, in("new")}));
}

TEST_P(GateTest, TheKindOfTheFile) {
  const std::string file = make("file");
  bongsu_gate gate = open_gate();
  gate.file_kind[S_IFREG >> 12] = 0;
  run(only(EventType::open, gate), 2, [&](int step) { try_open(step == 0 ? file : "/dev/null"); });
  EXPECT_EQ(paths(), std::vector<std::string>{"/dev/null"});
}

TEST_P(GateTest, TheOutcomeAndTheError) {
  const std::string file = make("file");
  bongsu_gate gate = open_gate();
  gate.outcome[0] = 0;
  gate.named = 1U << BONGSU_TRAIT_ERROR;
  gate.rest[BONGSU_TRAIT_ERROR] = 0;
  run(only(EventType::open, gate, {{EventType::open, BONGSU_TRAIT_ERROR, ENOTDIR, kLane}}), 3, [&](int step) {
    try_open(step == 0 ? file : step == 1 ? in("gone") : file + "/below");
  });
  EXPECT_EQ(paths(), std::vector{file + "/below"});
}

TEST_P(GateTest, TheUserAndTheComm) {
  const std::string file = make("file");
  bongsu_gate gate = open_gate();
  gate.named = 1U << BONGSU_TRAIT_UID | 1U << BONGSU_TRAIT_COMM;
  gate.rest[BONGSU_TRAIT_UID] = gate.rest[BONGSU_TRAIT_COMM] = 0;
  run(only(EventType::open, gate,
           {{EventType::open, BONGSU_TRAIT_UID, kNobody, kLane},
            {EventType::open, BONGSU_TRAIT_COMM, gate_hash("short"), kLane},
            {EventType::open, BONGSU_TRAIT_COMM, gate_hash("all-15-of-them!"), kLane}}),
      5, [&](int step) {
        constexpr std::array kComms = {"short", "short", "all-15-of-them!", "all-15-of-them?", "short"};
        ::prctl(PR_SET_NAME, kComms.at(static_cast<std::size_t>(step)));
        must(::seteuid(step == 0 || step == 4 ? 0 : kNobody) == 0, "seteuid");
        try_open("/dev/null");
      });
  ASSERT_EQ(told().size(), 2U);
  EXPECT_EQ(comm_of(*told()[0]), "short");
  EXPECT_EQ(comm_of(*told()[1]), "all-15-of-them!");
}

TEST_P(GateTest, TheSystemCallTable) {
  const std::string file = make("file");
  bongsu_gate gate = open_gate();
  fill(gate.abi, 0);
  run(only(EventType::open, gate), 1, [&](int) { try_open(file); });
  EXPECT_TRUE(told().empty());
  EXPECT_GE(left_out(), 1U);
}

TEST_P(GateTest, ThePlaceOnceItIsTold) {
  const CgroupTree tree = CgroupTree::v1("memory").valid() ? CgroupTree::v1("memory") : CgroupTree::v2();
  ASSERT_TRUE(tree.valid());
  Worker worker([&](int step) {
    if (step == 0) {
      must(tree.enter(), "enter");
    }
    try_open("/dev/null");
  });
  ASSERT_TRUE(worker.step(0));
  open({EventType::open});
  bongsu_gate gate = open_gate();
  gate.place[1] = 0;
  const Gates gates = only(EventType::open, gate);
  ASSERT_TRUE(sensor().gate(&gates));
  ASSERT_TRUE(worker.step(1));
  const Record* first = wait_for(EventType::open, worker.pid());
  ASSERT_NE(first, nullptr) << "it may be either";
  const bongsu_cgroup_key key = cgroup_key(first->task());
  EXPECT_FALSE(sensor().is_placed(key));
  sensor().place(key, true);
  EXPECT_TRUE(sensor().is_placed(key));
  ASSERT_TRUE(worker.step(1));
  sensor().forget_places();
  EXPECT_FALSE(sensor().is_placed(key));
  sensor().place(key, false);
  ASSERT_TRUE(worker.step(1));
  sensor().detach();
  sensor().drain(keeper());
  EXPECT_EQ(all(EventType::open, worker.pid()).size(), 2U);
}

class ConnectGateTest : public GateTest {
 protected:
  static void connect_to(int family, const char* address, std::uint16_t port) {
    sockaddr_storage to{};
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&to);
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&to);
    to.ss_family = static_cast<sa_family_t>(family);
    v4->sin_port = htons(port);  // at the same place in both
    void* const bytes = family == AF_INET ? static_cast<void*>(&v4->sin_addr) : &v6->sin6_addr;
    must(::inet_pton(family, address, bytes) == 1, "inet_pton");
    const int fd = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    // Whether there is a way to it or not.
    (void)::connect(fd, reinterpret_cast<const sockaddr*>(&to), family == AF_INET ? sizeof(*v4) : sizeof(*v6));
    ::close(fd);
  }
  [[nodiscard]] std::vector<std::int64_t> ports() const {
    std::vector<std::int64_t> found;
    for (const Record* record : told()) {
      found.push_back(record->as<bongsu_connect>().destination_port);
    }
    return found;
  }
};
BONGSU_BOTH_TRANSPORTS(ConnectGateTest);

TEST_P(ConnectGateTest, ThePort) {
  run(only_value(EventType::connect, BONGSU_TRAIT_PORT, 4444), 3,
      [](int step) { connect_to(AF_INET, "127.0.0.1", static_cast<std::uint16_t>(4443 + step)); }, EventType::connect);
  EXPECT_EQ(ports(), std::vector<std::int64_t>{4444});
  EXPECT_GE(left_out(), 2U);
}

TEST_P(ConnectGateTest, TheClassOfTheAddress) {
  bongsu_gate gate = open_gate();
  gate.address[BONGSU_ADDRESS_IPV4_LOOPBACK] = 0;
  gate.address[BONGSU_ADDRESS_IPV6_LOOPBACK] = 0;
  run(only(EventType::connect, gate), 3,
      [](int step) {
        if (step == 2) {
          connect_to(AF_INET6, "::ffff:127.0.0.1", 3);
        } else {
          connect_to(step == 0 ? AF_INET : AF_INET6, step == 0 ? "127.1.2.3" : "::1",
                     static_cast<std::uint16_t>(step + 1));
        }
      },
      EventType::connect);
  EXPECT_EQ(ports(), std::vector<std::int64_t>{3}) << "one that is mapped counts as another";
}

TEST_P(ConnectGateTest, TheFamily) {
  bongsu_gate gate = open_gate();
  gate.family[BONGSU_FAMILY_INET] = 0;
  run(only(EventType::connect, gate), 2,
      [](int step) { connect_to(step == 0 ? AF_INET : AF_INET6, step == 0 ? "127.0.0.1" : "::1", 9); },
      EventType::connect);
  ASSERT_EQ(told().size(), 1U);
  EXPECT_EQ(told()[0]->as<bongsu_connect>().family, static_cast<unsigned>(AF_INET6));
}

TEST_P(GateTest, WhatPassesTheOldGatesAndTheNewIsNotMissedBetween) {
  constexpr int kOpens = 4000;
  const std::string file = make("wanted");
  std::atomic<bool> done = false;
  Worker worker([&](int) { open_and_close(file.c_str(), kOpens); });
  SensorOptions options;
  options.events_per_second = 0;
  open({EventType::open}, options);
  Gates gates = only_value(EventType::open, BONGSU_TRAIT_PATH, gate_hash("wanted"));
  ASSERT_TRUE(sensor().gate(&gates));
  worker.start(0);
  std::thread waiter([&] { done = worker.done(); });
  int swaps = 0;
  while (!done) {
    gates.values.push_back({EventType::open, BONGSU_TRAIT_PATH, static_cast<std::uint64_t>(++swaps), kLane});
    ASSERT_TRUE(sensor().gate(&gates));
    (void)poll_until([] { return true; });
  }
  waiter.join();
  sensor().detach();
  sensor().drain(keeper());
  EXPECT_GT(swaps, 1);
  EXPECT_EQ(all(EventType::open, worker.pid()).size(), static_cast<std::size_t>(kOpens));
}

TEST_P(GateTest, WithoutGatesAllIsTold) {
  Worker worker([](int) { try_open("/dev/null"); });
  open({EventType::open});
  bongsu_gate closed = open_gate();
  fill(closed.outcome, 0);
  const Gates gates = only(EventType::open, closed);
  ASSERT_TRUE(sensor().gate(&gates));
  ASSERT_TRUE(worker.step(0));
  ASSERT_TRUE(sensor().gate(nullptr));
  ASSERT_TRUE(worker.step(0));
  sensor().detach();
  sensor().drain(keeper());
  EXPECT_EQ(all(EventType::open, worker.pid()).size(), 1U);
}

TEST_P(GateTest, MoreValuesThanThereIsRoomForAreRefusedAndTheOldStay) {
  Worker worker([](int) { try_open("/dev/null"); });
  open({EventType::open});
  bongsu_gate closed = open_gate();
  fill(closed.outcome, 0);
  Gates gates = only(EventType::open, closed);
  ASSERT_TRUE(sensor().gate(&gates));
  for (std::uint64_t value = 0; value <= kMostGateValues; ++value) {
    gates.values.push_back({EventType::open, BONGSU_TRAIT_PATH, value, kLane});
  }
  EXPECT_FALSE(sensor().gate(&gates));
  ASSERT_TRUE(worker.step(0));
  sensor().detach();
  sensor().drain(keeper());
  EXPECT_TRUE(all(EventType::open, worker.pid()).empty());
}

}  // namespace
}  // namespace bongsu::test
