// SPDX-License-Identifier: Apache-2.0
#include "identity/identity.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "support/record_builder.h"

namespace bongsu {
namespace {

using test::kSecond;
using test::RecordBuilder;
using test::text;
using test::Who;

class FakeResolver final : public CgroupResolver {
 public:
  std::optional<std::string> path_of(CgroupKey key) override {
    const auto found = paths.find({key.hierarchy, key.id});
    return found == paths.end() ? std::nullopt : std::optional(found->second);
  }
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::string> paths;
};

std::string container_path(char digit) { return "/system.slice/docker-" + std::string(64, digit) + ".scope"; }

class IdentityTest : public testing::Test {
 protected:
  IdentityTest() : identity_(options()) {}
  Identity::Options options() {
    Identity::Options options;
    options.host_name = "node-1";
    options.boot_id = "boot";
    auto resolver = std::make_unique<FakeResolver>();
    resolver_ = resolver.get();
    resolver_->paths[{0, 1}] = "/";
    options.resolver = std::move(resolver);
    return options;
  }
  const LiveEvent* observe(const RecordBuilder& builder) {
    last_ = builder;
    return identity_.observe(last_.record());
  }
  std::string container_of(const LiveEvent* event) {
    return event == nullptr ? "(no event)" : text(event->value(FieldId::container_id));
  }

  FakeResolver* resolver_ = nullptr;
  Identity identity_;
  RecordBuilder last_ = RecordBuilder::exit({1, 1});
  const Who runc_{60, 2 * kSecond};
  const Who init_{61, 3 * kSecond};
  const Who shell_{62, 4 * kSecond};
};

TEST_F(IdentityTest, TheSnapshotIsNoEvent) {
  EXPECT_EQ(observe(RecordBuilder::snapshot(runc_).program("/usr/bin/runc").cgroup_v2(1)), nullptr);
  EXPECT_NE(identity_.processes().find(runc_.pid, runc_.start_ns), nullptr);
  EXPECT_EQ(identity_.counters().snapshots, 1U);
  EXPECT_EQ(identity_.counters().events, 0U);
}

TEST_F(IdentityTest, HostNamespacesAreKthreaddsOrElseInits) {
  observe(RecordBuilder::snapshot({1, 5}).namespaces(7).cgroup_v2(1));
  EXPECT_EQ(identity_.host().namespaces[BONGSU_NS_MNT], 7U);
  observe(RecordBuilder::snapshot({2, 5}).namespaces(8).cgroup_v2(1));
  EXPECT_EQ(identity_.host().namespaces[BONGSU_NS_MNT], 8U);
  observe(RecordBuilder::snapshot({1, 5}).namespaces(7).cgroup_v2(1));
  observe(RecordBuilder::exec({2, 9 * kSecond}).namespaces(9).cgroup_v2(1));  // no snapshot
  EXPECT_EQ(identity_.host().namespaces[BONGSU_NS_MNT], 8U);
}

TEST_F(IdentityTest, AContainerFromStartToStop) {
  const LiveEvent* start =
      observe(RecordBuilder::cgroup_made(runc_, 0, 70, container_path('a')).cgroup_v2(1).comm("runc"));
  ASSERT_NE(start, nullptr);
  EXPECT_EQ(text(start->value(FieldId::event_action)), "container_start");
  EXPECT_EQ(container_of(start), std::string(64, 'a'));
  EXPECT_EQ(text(start->value(FieldId::container_runtime)), "docker");
  EXPECT_EQ(start->value(FieldId::process_pid).integer(), 60);
  EXPECT_EQ(text(start->value(FieldId::process_name)), "runc");

  // The very first exec inside has its container.
  EXPECT_EQ(container_of(observe(RecordBuilder::exec(init_).cgroup_v2(70).program("/bin/sh"))), std::string(64, 'a'));
  // As has the last record, though the cgroup is gone by then.
  const LiveEvent* stop =
      observe(RecordBuilder::cgroup_removed(runc_, 0, 70, container_path('a')).cgroup_v2(1).at(9 * kSecond));
  EXPECT_EQ(container_of(stop), std::string(64, 'a'));
  EXPECT_EQ(container_of(observe(RecordBuilder::exit(init_).cgroup_v2(70).at(8 * kSecond))), std::string(64, 'a'));
  EXPECT_EQ(identity_.counters().containers_live, 0U);
  EXPECT_EQ(identity_.counters().containers_known, 1U);
}

TEST_F(IdentityTest, OtherCgroupsAreNoEvents) {
  EXPECT_EQ(observe(RecordBuilder::cgroup_made(runc_, 0, 71, "/system.slice/cron.service").cgroup_v2(1)), nullptr);
  EXPECT_NE(observe(RecordBuilder::cgroup_made(runc_, 0, 70, container_path('a')).cgroup_v2(1)), nullptr);
  EXPECT_EQ(observe(RecordBuilder::cgroup_made(runc_, 4, 70, container_path('a')).cgroup_v2(1)), nullptr);
  EXPECT_EQ(observe(RecordBuilder::cgroup_made(runc_, 0, 72, container_path('a') + "/init.scope").cgroup_v2(1)),
            nullptr);
  EXPECT_EQ(observe(RecordBuilder::cgroup_removed(runc_, 0, 71, "/system.slice/cron.service").cgroup_v2(1)), nullptr);
  EXPECT_EQ(identity_.counters().cgroups_told, 4U);
  // And a nested one leads to the container.
  EXPECT_EQ(container_of(observe(RecordBuilder::exec(init_).cgroup_v2(72).program("/sbin/init"))),
            std::string(64, 'a'));
}

TEST_F(IdentityTest, CgroupV1ByHierarchy) {
  observe(RecordBuilder::cgroup_made(runc_, 4, 70, "/docker/" + std::string(64, 'a')).cgroup_v2(1));
  observe(RecordBuilder::cgroup_made(runc_, 8, 70, "/docker/" + std::string(64, 'b')).cgroup_v2(1));
  EXPECT_EQ(container_of(observe(RecordBuilder::exec(init_).cgroup_v2(1).cgroup_v1(4, 70))), std::string(64, 'a'));
  EXPECT_EQ(container_of(observe(RecordBuilder::exec(shell_).cgroup_v2(1).cgroup_v1(8, 70))), std::string(64, 'b'));
}

TEST_F(IdentityTest, AnUnknownCgroupFallsBackToWhatIsKnownOfTheProcess) {
  observe(RecordBuilder::cgroup_made(runc_, 0, 70, container_path('a')).cgroup_v2(1));
  observe(RecordBuilder::exec(init_).cgroup_v2(70).program("/sbin/init"));
  // A child in a nested cgroup whose mkdir record was lost and which is gone by now: no path to be had.
  EXPECT_EQ(container_of(observe(RecordBuilder::fork(shell_, init_).cgroup_v2(99))), std::string(64, 'a'));
  EXPECT_EQ(container_of(observe(RecordBuilder::exec(shell_).cgroup_v2(99).program("/bin/sh"))), std::string(64, 'a'));
  EXPECT_EQ(identity_.counters().unplaced, 2U);
  // A cgroup that is known to be the host's is no such case.
  EXPECT_EQ(container_of(observe(RecordBuilder::exec(shell_).cgroup_v2(1).program("/bin/sh").at(9 * kSecond))),
            "(none)");
  EXPECT_EQ(container_of(observe(RecordBuilder::exec(shell_).cgroup_v2(99).program("/bin/sh").at(9 * kSecond + 1))),
            "(none)");
}

TEST_F(IdentityTest, AContainerFromBeforeIsResolved) {
  resolver_->paths[{0, 70}] = container_path('a') + "/container";
  observe(RecordBuilder::snapshot(init_).cgroup_v2(70).program("/sbin/init"));
  EXPECT_EQ(container_of(observe(RecordBuilder::fork(shell_, init_).cgroup_v2(70))), std::string(64, 'a'));
  EXPECT_EQ(identity_.counters().cgroups.resolved, 1U);
}

TEST_F(IdentityTest, DuplicatesAreNoEvents) {
  EXPECT_NE(observe(RecordBuilder::exit(init_).cgroup_v2(1)), nullptr);
  EXPECT_EQ(observe(RecordBuilder::exit(init_).cgroup_v2(1).thread(77)), nullptr);
  const IdentityCounters counters = identity_.counters();
  EXPECT_EQ(counters.records, 2U);
  EXPECT_EQ(counters.events, 1U);
  EXPECT_EQ(counters.processes.duplicate_exits, 1U);
}

TEST_F(IdentityTest, AProcessThatIsMovedHasTheContainerItIsIn) {
  observe(RecordBuilder::cgroup_made(runc_, 0, 70, container_path('a')).cgroup_v2(1));
  EXPECT_EQ(container_of(observe(RecordBuilder::fork(init_, runc_).cgroup_v2(1))), "(none)");
  EXPECT_EQ(container_of(observe(RecordBuilder::exec(init_).cgroup_v2(70).program("/bin/sh"))), std::string(64, 'a'));
  // A record that is older but read later has the place of its own time, and does not take the process back.
  EXPECT_EQ(container_of(observe(RecordBuilder::rename(init_, "x").cgroup_v2(1).at(3 * kSecond))), "(none)");
  EXPECT_EQ(container_of(observe(RecordBuilder::exec(init_).cgroup_v2(123).at(5 * kSecond))), std::string(64, 'a'));
}

TEST_F(IdentityTest, FiftyShortContainersInARowAllHaveTheirIds) {
  for (std::uint32_t i = 0; i < 50; ++i) {
    std::string id = std::to_string(i);
    id.insert(0, 64 - id.size(), 'f');
    const std::string path = "/kubepods/besteffort/pod36b6d6be-73b1-065a-f369-b3985edafa09/" + id;
    const std::uint64_t now = (10 + i) * kSecond;
    const Who first{1000 + i, now};
    for (const std::uint32_t hierarchy : {4U, 8U, 0U}) {
      const LiveEvent* start =
          observe(RecordBuilder::cgroup_made(runc_, hierarchy, 100 + i, path).cgroup_v2(1).at(now));
      EXPECT_EQ(start != nullptr, hierarchy == 4U);
    }
    EXPECT_EQ(container_of(observe(RecordBuilder::exec(first).cgroup_v2(100 + i).program("/bin/true").at(now + 2))),
              id);
    EXPECT_EQ(container_of(observe(RecordBuilder::exit(first).cgroup_v2(100 + i).at(now + 3))), id);
    for (const std::uint32_t hierarchy : {0U, 4U, 8U}) {
      const LiveEvent* stop =
          observe(RecordBuilder::cgroup_removed(runc_, hierarchy, 100 + i, path).cgroup_v2(1).at(now + 4));
      EXPECT_EQ(stop != nullptr, hierarchy == 8U);
    }
  }
  EXPECT_EQ(identity_.counters().unplaced, 0U);
}

TEST(IdentityOptions, OfThisHost) {
  const SystemClock clock;
  auto options = Identity::Options::of_host("/proc", clock);
  ASSERT_TRUE(options.has_value());
  EXPECT_NE(options->resolver, nullptr);
  EXPECT_NE(options->reader, nullptr);
  EXPECT_FALSE(options->host_name.empty());
  EXPECT_GT(options->wall_minus_boot_ns, 0);
  EXPECT_FALSE(Identity::Options::of_host("/nonexistent", clock).has_value());
}

}  // namespace
}  // namespace bongsu
