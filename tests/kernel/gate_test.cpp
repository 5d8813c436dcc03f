// SPDX-License-Identifier: Apache-2.0
//
// Gates: of two opens that differ in one trait, one is told and the other counted as unmatched; and what becomes of
// events while the gates change.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "identity/identity.h"
#include "support/kernel/cgroup.h"
#include "support/kernel/child.h"
#include "support/kernel/gate_test.h"

namespace bongsu::test {
namespace {

constexpr std::uint32_t kNobody = 65534;
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

// Its name is that of the mount point: the dentry that is opened has another.
TEST_P(GateTest, TheExtensionOfAFileThatIsMountedOnAnother) {
  const std::array files = {make("first.plain"), make("second.plain"), make("on.key")};
  run(only_value(EventType::open, BONGSU_TRAIT_EXTENSION, gate_hash("key")), 3, [&](int step) {
    if (step == 0) {
      must(::unshare(CLONE_NEWNS) == 0, "unshare");
      must(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "mount");
    }
    if (step < 2) {  // one on top of the other
      const auto& file = files.at(static_cast<std::size_t>(step));
      must(::mount(file.c_str(), files[2].c_str(), nullptr, MS_BIND, nullptr) == 0, "mount");
      try_open(files[2]);
    } else {
      try_open(files[1]);
    }
  });
  EXPECT_EQ(paths(), (std::vector{files[2], files[2]}));
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
  gate.every_kind = 0;
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
  const bool has_v1 = std::filesystem::exists("/sys/fs/cgroup/memory");
  const CgroupTree tree = has_v1 ? CgroupTree::v1("memory") : CgroupTree::v2();
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

TEST_P(GateTest, WhatPassesTheOldGatesAndTheNewIsNotMissedBetween) {
  constexpr int kRounds = 10;
  constexpr int kOpens = 2'000;  // there is room for so many while nobody reads
  const std::string file = make("wanted");
  Worker worker([&](int) { open_and_close(file.c_str(), kOpens); });
  SensorOptions options;
  options.events_per_second = 0;
  open({EventType::open}, options);
  Gates gates = only_value(EventType::open, BONGSU_TRAIT_PATH, gate_hash("wanted"));
  ASSERT_TRUE(sensor().gate(&gates));
  for (int round = 1; round <= kRounds; ++round) {
    worker.start(0);
    gates.values.push_back({EventType::open, BONGSU_TRAIT_PATH, static_cast<std::uint64_t>(round), kLane});
    ASSERT_TRUE(sensor().gate(&gates));
    ASSERT_TRUE(worker.done());
    const auto told = static_cast<std::size_t>(round) * kOpens;
    EXPECT_TRUE(poll_until([&] { return all(EventType::open, worker.pid()).size() >= told; })) << round;
  }
  sensor().detach();
  sensor().drain(keeper());
  EXPECT_EQ(all(EventType::open, worker.pid()).size(), static_cast<std::size_t>(kRounds) * kOpens);
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
