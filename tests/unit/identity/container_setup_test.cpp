// SPDX-License-Identifier: Apache-2.0
//
// The runtime's own processes in a container, in the order in which runtimes make them, and those who would like to be
// taken for them.
#include <gtest/gtest.h>

#include <string>

#include "identity/identity.h"
#include "support/record_builder.h"

namespace bongsu {
namespace {

using test::kSecond;
using test::RecordBuilder;
using test::Who;

constexpr std::uint64_t kHost = 1;  // the root cgroup
constexpr std::uint64_t kFirst = 70;
constexpr std::uint64_t kSecondOne = 71;
constexpr std::uint64_t kNode = 72;
constexpr std::uint32_t kHostSpaces = 1000;
constexpr std::uint32_t kOwnSpaces = 2000;

class Resolver final : public CgroupResolver {
 public:
  std::optional<std::string> path_of(CgroupKey key) override {
    const std::string pods = "/kubepods/pod36b6d6be-73b1-465a-a369-b3985edafa0";
    switch (key.id) {
      case kHost:
        return "/";
      case kFirst:
        return pods + "1/" + std::string(64, 'a');
      case kSecondOne:
        return pods + "2/" + std::string(64, 'b');
      case kNode:
        return "/docker/" + std::string(64, 'c');
      default:
        return std::nullopt;
    }
  }
};

class ContainerSetup : public testing::Test {
 protected:
  ContainerSetup() : identity_(options()) {}
  static Identity::Options options() {
    Identity::Options options;
    options.boot_id = "boot";
    options.resolver = std::make_unique<Resolver>();
    return options;
  }
  // Each happens after the last. Whether it is told as setup.
  bool happens(RecordBuilder builder, std::uint64_t cgroup, std::uint32_t spaces) {
    builder.cgroup_v2(cgroup).namespaces(spaces).at(now_ns_ += 1000);
    last_ = builder;
    const LiveEvent* event = identity_.observe(last_.record());
    EXPECT_NE(event, nullptr);
    return event != nullptr && event->value(FieldId::container_setup).boolean();
  }
  bool exec(Who who, const char* program, std::uint64_t cgroup, std::uint32_t spaces = kHostSpaces) {
    return happens(RecordBuilder::exec(who).program(program), cgroup, spaces);
  }
  bool fork(Who child, Who creator, std::uint64_t cgroup, std::uint32_t spaces = kHostSpaces) {
    return happens(RecordBuilder::fork(child, creator), cgroup, spaces);
  }
  bool acts(Who who, std::uint64_t cgroup, std::uint32_t spaces = kHostSpaces) {  // anything that it does
    return happens(RecordBuilder::rename(who, "x"), cgroup, spaces);
  }
  // `runc create` or `runc exec`, up to its child that has executed `runc init` outside.
  void start_runc() {
    exec(shim_, "/usr/bin/containerd-shim-runc-v2", kHost);
    fork(runc_, shim_, kHost);
    exec(runc_, "/usr/sbin/runc", kHost);
    fork(stage0_, runc_, kHost);
  }
  // The two generations that enter the namespaces; the second is the container's init.
  void enter() {
    EXPECT_TRUE(fork(stage1_, stage0_, kFirst));
    EXPECT_TRUE(acts(stage1_, kFirst, kOwnSpaces));
    EXPECT_TRUE(fork(init_, stage1_, kFirst, kOwnSpaces));
    EXPECT_TRUE(happens(RecordBuilder::exit(stage1_), kFirst, kOwnSpaces));
    EXPECT_TRUE(acts(init_, kFirst, kOwnSpaces)) << "mounts, pivot_root";
  }

  Identity identity_;
  RecordBuilder last_ = RecordBuilder::exec({1, 1});
  std::uint64_t now_ns_ = 100 * kSecond;
  const Who shim_{50, 1 * kSecond};
  const Who runc_{60, 2 * kSecond};
  const Who stage0_{61, 3 * kSecond};
  const Who stage1_{62, 4 * kSecond};
  const Who init_{63, 5 * kSecond};
  const Who child_{64, 6 * kSecond};
};

TEST_F(ContainerSetup, OfRuncEndsWithTheWorkloadsExec) {
  start_runc();
  EXPECT_FALSE(exec(stage0_, "/usr/sbin/runc", kHost)) << "on the host there is no container";
  EXPECT_TRUE(acts(stage0_, kFirst)) << "its parent moved it in";
  EXPECT_TRUE(exec(stage0_, "memfd:runc_cloned:/proc/self/exe", kFirst)) << "the sealed copy of itself";
  enter();
  EXPECT_FALSE(exec(init_, "/bin/sh", kFirst, kOwnSpaces));
  EXPECT_FALSE(acts(init_, kFirst, kOwnSpaces));
  EXPECT_FALSE(fork(child_, init_, kFirst, kOwnSpaces));
  EXPECT_FALSE(exec(child_, "/bin/busybox", kFirst, kOwnSpaces));
}

TEST_F(ContainerSetup, OfARuncThatMakesItsChildInTheCgroup) {
  exec(shim_, "/usr/bin/containerd-shim-runc-v2", kHost);
  fork(runc_, shim_, kHost);
  exec(runc_, "/usr/sbin/runc", kHost);
  EXPECT_TRUE(fork(stage0_, runc_, kFirst));
  EXPECT_TRUE(exec(stage0_, "/usr/sbin/runc", kFirst));
  enter();
  EXPECT_FALSE(exec(init_, "/bin/sh", kFirst, kOwnSpaces));
}

TEST_F(ContainerSetup, OfCrunWhichDoesNotExecuteItself) {
  exec(shim_, "/usr/bin/conmon", kHost);
  fork(runc_, shim_, kHost);
  exec(runc_, "/usr/bin/crun", kHost);
  EXPECT_FALSE(fork(init_, runc_, kHost));
  EXPECT_TRUE(acts(init_, kFirst, kOwnSpaces));
  EXPECT_FALSE(exec(init_, "/bin/sh", kFirst, kOwnSpaces)) << "its parent is outside, but in other namespaces";
  // Privileged, it goes back into the host's namespaces, whose its creator's are, and executes again.
  EXPECT_FALSE(acts(init_, kFirst, kHostSpaces));
  EXPECT_FALSE(exec(init_, "/usr/bin/crun", kFirst, kHostSpaces));
}

TEST_F(ContainerSetup, CannotBeClaimedFromInside) {
  start_runc();
  exec(stage0_, "/usr/sbin/runc", kHost);
  enter();
  exec(init_, "/bin/sh", kFirst, kOwnSpaces);
  // nsenter into all of the host's namespaces, and a program named as the runtime's.
  EXPECT_FALSE(fork(child_, init_, kFirst, kOwnSpaces));
  EXPECT_FALSE(acts(child_, kFirst, kHostSpaces));
  EXPECT_FALSE(exec(child_, "/usr/sbin/runc", kFirst, kHostSpaces));
  // Out of the cgroup, there executing the real runtime, and back, or into another container.
  EXPECT_FALSE(acts(child_, kHost, kHostSpaces));
  EXPECT_FALSE(exec(child_, "/usr/sbin/runc", kHost));
  EXPECT_FALSE(acts(child_, kFirst));
  EXPECT_FALSE(acts(child_, kSecondOne));
  const Who grandchild{65, 7 * kSecond};
  EXPECT_FALSE(fork(grandchild, child_, kHost));
  EXPECT_FALSE(exec(grandchild, "/usr/sbin/runc", kHost));
  EXPECT_FALSE(exec(grandchild, "/usr/sbin/runc", kSecondOne));
}

TEST_F(ContainerSetup, IsNotWhatWasThereBefore) {
  last_ = RecordBuilder::snapshot(init_).program("/usr/sbin/runc").cgroup_v2(kFirst).namespaces(kHostSpaces);
  EXPECT_EQ(identity_.observe(last_.at(now_ns_).record()), nullptr);
  EXPECT_FALSE(acts(init_, kFirst));
  EXPECT_FALSE(exec(init_, "/usr/sbin/runc", kFirst));
  // Nor whose beginning was not seen.
  EXPECT_FALSE(acts(child_, kFirst));
  EXPECT_FALSE(exec(stage1_, "/usr/sbin/runc", kFirst));
}

TEST_F(ContainerSetup, IsNotWhatExecutedWhereNobodyKnows) {
  start_runc();
  exec(stage0_, "/usr/sbin/runc", kHost);
  EXPECT_FALSE(exec(stage0_, "/bin/sh", 99)) << "a cgroup without a path";
  EXPECT_FALSE(acts(stage0_, kFirst));
}

TEST_F(ContainerSetup, OfAPodOnANodeThatIsAContainer) {
  exec(shim_, "/usr/bin/containerd-shim-runc-v2", kNode);
  fork(runc_, shim_, kNode);
  EXPECT_FALSE(exec(runc_, "/usr/sbin/runc", kNode));
  EXPECT_FALSE(fork(stage0_, runc_, kNode));
  EXPECT_FALSE(exec(stage0_, "/usr/sbin/runc", kNode)) << "to the node it is workload";
  EXPECT_TRUE(acts(stage0_, kFirst));
  enter();
  EXPECT_FALSE(exec(init_, "/bin/sh", kFirst, kOwnSpaces));
  EXPECT_FALSE(acts(init_, kSecondOne)) << "from one pod into another";
}

}  // namespace
}  // namespace bongsu
