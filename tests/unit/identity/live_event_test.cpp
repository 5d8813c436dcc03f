// SPDX-License-Identifier: Apache-2.0
#include "identity/live_event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "identity/identity.h"
#include "identity/lists.h"
#include "support/record_builder.h"

namespace bongsu {
namespace {

using namespace std::string_literals;
using test::kSecond;
using test::RecordBuilder;
using test::strings;
using test::text;
using test::Who;
using testing::ElementsAre;

constexpr std::int64_t kOffsetNs = 1'700'000'000'000'000'000;
const std::string kId(64, 'a');
const std::string kPod = "36b6d6be-73b1-065a-f369-b3985edafa09";
const std::string kPath = "/kubepods/burstable/pod" + kPod + "/" + kId;

Identity::Options options() {
  Identity::Options options;
  options.host_name = "node-1";
  options.boot_id = "boot";
  options.wall_minus_boot_ns = kOffsetNs;
  return options;
}

class LiveEventTest : public testing::Test {
 protected:
  // The event that a record gives; it must give one.
  const LiveEvent& event(const RecordBuilder& builder) {
    last_ = builder;  // the event borrows its bytes
    const LiveEvent* event = identity_.observe(last_.record());
    EXPECT_NE(event, nullptr);
    return *event;
  }
  void quiet(const RecordBuilder& builder) { EXPECT_EQ(identity_.observe(builder.record()), nullptr); }

  Identity identity_{options()};
  RecordBuilder last_ = RecordBuilder::exit({1, 1});
  const Who kthreadd_{2, 5};
  const Who init_{1, 5};
  const Who shim_{50, 1 * kSecond};
  const Who runc_{60, 2 * kSecond};
  const Who stage_{61, 3 * kSecond};
  const Who nginx_{62, 4 * kSecond};
  const Who worker_{63, 5 * kSecond};
  const Who shell_{64, 6 * kSecond};
};

TEST_F(LiveEventTest, AnExecHasEveryField) {
  quiet(RecordBuilder::snapshot(kthreadd_).namespaces(1000).at(kSecond));
  quiet(RecordBuilder::snapshot(shim_).program("/usr/bin/shim").at(kSecond).blob_args("shim\0-id\0x\0"s));
  RecordBuilder exec = RecordBuilder::exec(shell_).parent(shim_).at(7 * kSecond).thread(64);
  exec.program("/usr/bin/busybox", "/bin/sh").args({"sh", "-c", "", "echo hi"}).directory("/srv").comm("sh");
  exec.flags(BONGSU_EXEC_UPPER_LAYER | BONGSU_EXEC_ARGS_TRUNCATED).namespaces(1000);
  exec.name_space(BONGSU_NS_MNT, 7).name_space(BONGSU_NS_UTS, 8).name_space(BONGSU_NS_NET, 0);
  exec.task().euid = 1;
  exec.task().uid = 2;
  exec.task().egid = 3;
  exec.task().gid = 4;
  exec.task().tty_major = 136;
  exec.task().tty_minor = 2;
  exec.task().cap_effective = 1U << 21 | 1U;
  const LiveEvent& live = event(exec);

  EXPECT_EQ(live.type(), EventType::exec);
  EXPECT_EQ(live.value(FieldId::timestamp).integer(), kOffsetNs + 7 * 1'000'000'000LL);
  EXPECT_EQ(live.value(FieldId::timestamp).kind(), Value::Kind::date);
  EXPECT_EQ(text(live.value(FieldId::event_action)), "exec");
  EXPECT_THAT(strings(live.value(FieldId::event_category)), ElementsAre("process"));
  EXPECT_THAT(strings(live.value(FieldId::event_type)), ElementsAre("start"));
  EXPECT_EQ(text(live.value(FieldId::host_name)), "node-1");
  EXPECT_EQ(live.value(FieldId::process_pid).integer(), 64);
  EXPECT_EQ(live.value(FieldId::process_thread_id).integer(), 64);
  EXPECT_EQ(text(live.value(FieldId::process_thread_name)), "sh");
  EXPECT_EQ(live.value(FieldId::process_entity_id).string().size(), 16U);
  EXPECT_EQ(live.value(FieldId::process_start).integer(), kOffsetNs + 6 * 1'000'000'000LL);
  EXPECT_EQ(text(live.value(FieldId::process_name)), "sh");
  EXPECT_EQ(text(live.value(FieldId::process_executable)), "/usr/bin/busybox");
  EXPECT_EQ(text(live.value(FieldId::process_requested_executable)), "/bin/sh");
  EXPECT_THAT(strings(live.value(FieldId::process_args)), ElementsAre("sh", "-c", "", "echo hi"));
  EXPECT_EQ(live.value(FieldId::process_args_count).integer(), 4);
  EXPECT_TRUE(live.value(FieldId::process_args_truncated).boolean());
  EXPECT_EQ(text(live.value(FieldId::process_command_line)), "sh -c  echo hi");
  EXPECT_EQ(text(live.value(FieldId::process_working_directory)), "/srv");
  EXPECT_TRUE(live.value(FieldId::process_executable_upper_layer).boolean());
  EXPECT_FALSE(live.value(FieldId::process_executable_memfd).boolean());
  EXPECT_TRUE(live.value(FieldId::process_executable_memfd).has_value());
  EXPECT_FALSE(live.value(FieldId::process_executable_deleted).boolean());
  EXPECT_EQ(live.value(FieldId::process_user_id).integer(), 1);
  EXPECT_EQ(live.value(FieldId::process_real_user_id).integer(), 2);
  EXPECT_EQ(live.value(FieldId::process_group_id).integer(), 3);
  EXPECT_EQ(live.value(FieldId::process_real_group_id).integer(), 4);
  EXPECT_THAT(strings(live.value(FieldId::process_capabilities_effective)), ElementsAre("CAP_CHOWN", "CAP_SYS_ADMIN"));
  EXPECT_TRUE(live.value(FieldId::process_interactive).boolean());
  EXPECT_EQ(live.value(FieldId::process_tty_major).integer(), 136);
  EXPECT_EQ(live.value(FieldId::process_tty_minor).integer(), 2);
  EXPECT_THAT(strings(live.value(FieldId::process_namespaces)), ElementsAre("mnt", "uts"));
  EXPECT_EQ(live.value(FieldId::process_parent_pid).integer(), 50);
  EXPECT_EQ(live.value(FieldId::process_parent_entity_id).string(), identity_.processes().find(50, kSecond)->entity());
  EXPECT_EQ(text(live.value(FieldId::process_parent_name)), "shim");
  EXPECT_EQ(text(live.value(FieldId::process_parent_executable)), "/usr/bin/shim");
  EXPECT_THAT(strings(live.value(FieldId::process_parent_args)), ElementsAre("shim", "-id", "x"));
  EXPECT_EQ(text(live.value(FieldId::process_parent_command_line)), "shim -id x");
  EXPECT_THAT(strings(live.value(FieldId::process_ancestors_name)), ElementsAre("shim"));
  EXPECT_THAT(strings(live.value(FieldId::process_ancestors_executable)), ElementsAre("/usr/bin/shim"));
  EXPECT_FALSE(live.value(FieldId::container_id).has_value());
  EXPECT_FALSE(live.value(FieldId::process_exit_code).has_value());
  EXPECT_FALSE(live.value(FieldId::agent_count).has_value());
}

// What a field says it is, it is; on every event, for every field.
TEST_F(LiveEventTest, ValuesHaveTheTypeOfTheirField) {
  const RecordBuilder builders[] = {RecordBuilder::fork(shell_, shim_),
                                    RecordBuilder::exec(shell_).program("/x").args({"x"}),
                                    RecordBuilder::rename(shell_, "a").comm("b"), RecordBuilder::exit(shell_),
                                    RecordBuilder::cgroup_made(shim_, 0, 5, kPath)};
  for (const RecordBuilder& builder : builders) {
    const LiveEvent& live = event(builder);
    for (const FieldInfo& field : fields()) {
      const Value value = live.value(field.id);
      if (!value.has_value()) {
        continue;
      }
      EXPECT_TRUE(has_field(live.type(), field.id)) << field.name;
      const Value::Kind kinds[] = {Value::Kind::boolean,     Value::Kind::integer, Value::Kind::string,
                                   Value::Kind::string_list, Value::Kind::date,    Value::Kind::string_map};
      EXPECT_EQ(value.kind(), kinds[static_cast<std::size_t>(field.type)]) << field.name;
    }
  }
}

TEST_F(LiveEventTest, WhatIsNotKnownHasNoValue) {
  const LiveEvent& live = event(RecordBuilder::rename(shell_, "a").comm("worker"));
  EXPECT_EQ(text(live.value(FieldId::process_name)), "worker");
  for (const FieldId id :
       {FieldId::process_executable, FieldId::process_args, FieldId::process_args_count,
        FieldId::process_args_truncated, FieldId::process_command_line, FieldId::process_parent_pid,
        FieldId::process_parent_entity_id, FieldId::process_parent_name, FieldId::process_ancestors_name,
        FieldId::process_ancestors_executable, FieldId::process_namespaces, FieldId::process_tty_major,
        FieldId::process_tty_minor, FieldId::process_executable_memfd, FieldId::process_working_directory,
        FieldId::process_capabilities_effective}) {
    EXPECT_FALSE(live.value(id).has_value()) << info(id).name;
  }
  EXPECT_TRUE(live.value(FieldId::process_interactive).has_value());
  EXPECT_EQ(text(live.value(FieldId::process_previous_thread_name)), "a");
}

TEST_F(LiveEventTest, AnExitKeepsItsProgramAndHasItsOwnFields) {
  event(RecordBuilder::exec(shell_).program("/bin/x", "x").args({"x", "y"}).directory("/srv"));
  RecordBuilder exit = RecordBuilder::exit(shell_).at(9 * kSecond).thread(70).comm("late");
  exit.as<bongsu_exit>().exit_code = 137;
  exit.as<bongsu_exit>().signal = 9;
  exit.as<bongsu_exit>().duration_ns = 3 * kSecond;
  const LiveEvent& live = event(exit);
  EXPECT_EQ(text(live.value(FieldId::process_command_line)), "x y");
  EXPECT_EQ(text(live.value(FieldId::process_working_directory)), "/srv");
  EXPECT_EQ(live.value(FieldId::process_exit_code).integer(), 137);
  EXPECT_EQ(text(live.value(FieldId::process_exit_signal)), "SIGKILL");
  EXPECT_EQ(live.value(FieldId::event_duration).integer(), 3'000'000'000);
  EXPECT_EQ(live.value(FieldId::process_thread_id).integer(), 70);
  EXPECT_EQ(text(live.value(FieldId::process_thread_name)), "late");
  EXPECT_EQ(text(live.value(FieldId::process_name)), "x");
}

TEST_F(LiveEventTest, TheJoinedArgumentsAreThoseOfTheEventAtHand) {
  EXPECT_EQ(text(event(RecordBuilder::exec(shell_).program("/a").args({"one"})).value(FieldId::process_command_line)),
            "one");
  EXPECT_EQ(text(event(RecordBuilder::exec(worker_).program("/a").args({"two", "three"}))
                     .value(FieldId::process_command_line)),
            "two three");
  EXPECT_FALSE(event(RecordBuilder::exec(nginx_).program("/a")).value(FieldId::process_command_line).has_value());
  // shell_ and worker_ executed the above: the parent's arguments are those of the parent at hand.
  EXPECT_EQ(text(event(RecordBuilder::fork({70, 7 * kSecond}, shell_)).value(FieldId::process_parent_command_line)),
            "one");
  EXPECT_EQ(text(event(RecordBuilder::fork({71, 7 * kSecond}, worker_)).value(FieldId::process_parent_command_line)),
            "two three");
}

// containerd-shim -> runc -> runc's first stage -> nginx (the container's init) -> worker -> shell
TEST_F(LiveEventTest, AncestorsEndAtTheContainersInit) {
  quiet(RecordBuilder::snapshot(kthreadd_).namespaces(1000).at(kSecond));
  quiet(RecordBuilder::snapshot(init_).program("/sbin/init").at(kSecond));
  quiet(RecordBuilder::snapshot(shim_).parent(init_).program("/usr/bin/shim").namespaces(1000).at(kSecond));
  event(RecordBuilder::fork(runc_, shim_).namespaces(1000));
  event(RecordBuilder::exec(runc_).program("/usr/bin/runc").namespaces(1000));
  event(RecordBuilder::cgroup_made(runc_, 0, 77, kPath).at(2 * kSecond + 5));
  // The first stage is put into the container's cgroup and makes the pid namespace that its child is the first in.
  event(RecordBuilder::fork(stage_, runc_).namespaces(1000));
  event(RecordBuilder::fork(nginx_, stage_).cgroup_v2(77).namespaces(2000).parent(runc_));
  event(RecordBuilder::exit(stage_).cgroup_v2(77).namespaces(1000).at(4 * kSecond + 1));
  const LiveEvent& init = event(RecordBuilder::exec(nginx_).cgroup_v2(77).namespaces(2000).program("/usr/sbin/nginx"));
  EXPECT_EQ(text(init.value(FieldId::container_id)), kId);
  EXPECT_EQ(text(init.value(FieldId::k8s_pod_uid)), kPod);
  EXPECT_FALSE(init.value(FieldId::container_runtime).has_value());
  EXPECT_EQ(text(init.value(FieldId::process_parent_name)), "runc");
  EXPECT_FALSE(init.value(FieldId::process_ancestors_name).has_value());

  event(RecordBuilder::fork(worker_, nginx_).cgroup_v2(77).namespaces(2000));
  event(RecordBuilder::fork(shell_, worker_).cgroup_v2(77).namespaces(2000));
  const LiveEvent& shell =
      event(RecordBuilder::exec(shell_).cgroup_v2(77).namespaces(2000).program("/bin/sh").args({"sh"}).at(7 * kSecond));
  EXPECT_EQ(text(shell.value(FieldId::container_id)), kId);
  EXPECT_THAT(strings(shell.value(FieldId::process_ancestors_name)), ElementsAre("nginx", "nginx"));
  EXPECT_EQ(shell.value(FieldId::process_parent_pid).integer(), 63);

  // In the host's pid namespace the container's own processes are told by their cgroup alone.
  const LiveEvent& host_pid =
      event(RecordBuilder::exec(shell_).cgroup_v2(77).namespaces(1000).program("/bin/sh").at(8 * kSecond));
  EXPECT_THAT(strings(host_pid.value(FieldId::process_ancestors_name)), ElementsAre("nginx", "nginx", "runc"));
}

TEST_F(LiveEventTest, AncestorsOnTheHostEndAtItsInit) {
  quiet(RecordBuilder::snapshot(init_).program("/sbin/init").at(kSecond));
  quiet(RecordBuilder::snapshot(shim_).parent(init_).comm("nameless").at(kSecond));
  const LiveEvent& live = event(RecordBuilder::fork(shell_, shim_));
  EXPECT_THAT(strings(live.value(FieldId::process_ancestors_name)), ElementsAre("nameless", "init"));
  EXPECT_THAT(strings(live.value(FieldId::process_ancestors_executable)), ElementsAre("/sbin/init"));
}

TEST_F(LiveEventTest, AncestorsAreBoundedInDepth) {
  Who previous = init_;
  for (std::uint32_t pid = 100; pid < 300; ++pid) {
    const Who next{pid, pid * kSecond};
    event(RecordBuilder::fork(next, previous).comm("deep"));
    previous = next;
  }
  const LiveEvent& live = event(RecordBuilder::exec(previous).program("/bin/x"));
  EXPECT_EQ(strings(live.value(FieldId::process_ancestors_name)).size(), LiveEvent::kMaxAncestors);
}

TEST_F(LiveEventTest, ParentsThatPointAtEachOtherEndSomewhere) {
  event(RecordBuilder::exec(shell_).parent(worker_).program("/bin/a"));
  event(RecordBuilder::exec(worker_).parent(shell_).program("/bin/b"));
  const LiveEvent& live = event(RecordBuilder::exec(worker_).program("/bin/b").at(8 * kSecond));
  EXPECT_THAT(strings(live.value(FieldId::process_ancestors_name)), ElementsAre("a"));
  const LiveEvent& third = event(RecordBuilder::exec(nginx_).parent(worker_).program("/bin/c").at(9 * kSecond));
  EXPECT_EQ(strings(third.value(FieldId::process_ancestors_name)).size(), LiveEvent::kMaxAncestors);
}

TEST_F(LiveEventTest, AParentThatWasEvictedIsStillNamedByNumber) {
  Identity::Options small = options();
  small.processes.max_processes = 1;
  Identity identity(std::move(small));
  const RecordBuilder fork = RecordBuilder::fork(shell_, shim_);
  const LiveEvent* live = identity.observe(fork.record());
  ASSERT_NE(live, nullptr);
  EXPECT_EQ(live->value(FieldId::process_parent_pid).integer(), 50);
  const EntityId parent = EntityIds("boot").of(50, kSecond);
  EXPECT_EQ(live->value(FieldId::process_parent_entity_id).string(), std::string_view(parent.data(), parent.size()));
  EXPECT_FALSE(live->value(FieldId::process_parent_name).has_value());
}

TEST(Names, OfCapabilitiesAndNamespaces) {
  EXPECT_THAT(strings(Value::of(capability_names(0))), ElementsAre());
  EXPECT_THAT(strings(Value::of(capability_names(std::uint64_t{1} << 40 | std::uint64_t{1} << 63))),
              ElementsAre("CAP_CHECKPOINT_RESTORE", "CAP_63"));
  EXPECT_EQ(strings(Value::of(capability_names(0x1ffffffffff))).size(), 41U);
  EXPECT_EQ(strings(Value::of(capability_names(~std::uint64_t{0}))).size(), 64U);
  EXPECT_THAT(strings(Value::of(namespace_names(0xff))),
              ElementsAre("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"));
  EXPECT_THAT(strings(Value::of(namespace_names(1U << BONGSU_NS_USER))), ElementsAre("user"));
}

}  // namespace
}  // namespace bongsu
