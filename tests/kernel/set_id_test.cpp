// SPDX-License-Identifier: Apache-2.0
//
// setuid and setgid: every call that sets ids, what was asked for and what came of it.
#include <grp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/kernel/calls.h"

namespace bongsu::test {
namespace {

class SetIdTest : public CallsTest {
 protected:
  static constexpr int kNone = -1;

  // A step and what is told of it. The caller stays root (effective id 0) until the last but one.
  struct Case {
    std::string step;
    std::string_view call;
    int requested;
    int effective;
    int saved;
    std::string_view error = {};
  };

  void expect_users(const std::vector<Case>& cases, std::string_view abi = kNativeAbi) {
    run_cases(EventType::setuid, cases);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      EXPECT_EQ(told_of(EventType::setuid, i + 1), expected(cases[i], "user", {}, abi)) << "step " << i;
    }
  }
  void expect_groups(const std::vector<Case>& cases, std::string_view abi = kNativeAbi) {
    run_cases(EventType::setgid, cases);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      EXPECT_EQ(told_of(EventType::setgid, i + 1), expected(cases[i], "group", {{"group.count", "2"}}, abi))
          << "step " << i;
    }
  }

  static void two_groups() {
    constexpr std::array<gid_t, 2> kGroups{50, 60};
    must(::setgroups(kGroups.size(), kGroups.data()) == 0, "setgroups");
  }

 private:
  void run_cases(EventType type, const std::vector<Case>& cases) {
    std::vector<std::string> steps;
    steps.reserve(cases.size());
    for (const Case& one : cases) {
      steps.push_back(one.step);
    }
    run({type}, steps, &two_groups);
  }

  static Fields expected(const Case& one, const std::string& kind, Fields fields, std::string_view abi) {
    if (one.requested != kNone) {
      fields.emplace(kind + ".changes.id", std::to_string(one.requested));
    }
    fields.emplace(kind + ".effective.id", std::to_string(one.effective));
    fields.emplace(kind + ".saved.id", std::to_string(one.saved));
    return one.error.empty() ? succeeded(one.call, fields, abi) : failed(one.call, one.error, fields, abi);
  }
};
BONGSU_BOTH_TRANSPORTS(SetIdTest);

TEST_P(SetIdTest, Users) {
  expect_users({{call(SYS_setresuid, {num(1), num(0), num(2)}), "setresuid", 0, 0, 2},
                {call(SYS_setresuid, {num(-1), num(-1), num(5)}), "setresuid", 5, 0, 5},
                {call(SYS_setresuid, {num(6), num(-1), num(-1)}), "setresuid", 6, 0, 5},
                {call(SYS_setresuid, {num(-1), num(-1), num(-1)}), "setresuid", kNone, 0, 5},
                {call(SYS_setreuid, {num(3), num(-1)}), "setreuid", 3, 0, 0},
                {call(SYS_setreuid, {num(-1), num(0)}), "setreuid", 0, 0, 0},
                {call(SYS_setfsuid, {num(9)}), "setfsuid", 9, 0, 0},
                {call(SYS_setuid, {num(0xffffffff)}), "setuid", kNone, 0, 0, "EINVAL"},
                {call(SYS_setuid, {num(70000)}), "setuid", 70000, 70000, 70000},
                {call(SYS_setuid, {num(0)}), "setuid", 0, 70000, 70000, "EPERM"},
                {call(SYS_setreuid, {num(-1), num(4)}), "setreuid", 4, 70000, 70000, "EPERM"},
                {call(SYS_setresuid, {num(7), num(8), num(9)}), "setresuid", 8, 70000, 70000, "EPERM"}});
  const Record* dropped = record(EventType::setuid, 9);
  ASSERT_NE(dropped, nullptr);
  EXPECT_EQ(dropped->task().euid, 70000U);  // the record's task is as it is after the call
  const Record* last = record(EventType::setuid, 12);
  ASSERT_NE(last, nullptr);
  expect_task(*last, child().pid(), facts_of(child().pid()));
}

TEST_P(SetIdTest, Groups) {
  expect_groups({{call(SYS_setresgid, {num(1), num(3), num(2)}), "setresgid", 3, 3, 2},
                 {call(SYS_setresgid, {num(-1), num(-1), num(5)}), "setresgid", 5, 3, 5},
                 {call(SYS_setregid, {num(4), num(-1)}), "setregid", 4, 3, 3},
                 {call(SYS_setregid, {num(-1), num(70001)}), "setregid", 70001, 70001, 70001},
                 {call(SYS_setfsgid, {num(9)}), "setfsgid", 9, 70001, 70001},
                 {call(SYS_setgid, {num(-1)}), "setgid", kNone, 70001, 70001, "EINVAL"},
                 {call(SYS_setgid, {num(12)}), "setgid", 12, 12, 12}});
  const Record* last = record(EventType::setgid, 7);
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->as<bongsu_setgid>().pad, 0U);
  expect_task(*last, child().pid(), facts_of(child().pid()));
}

TEST_P(SetIdTest, GroupsWithoutPermission) {
  run({EventType::setgid},
      {call(SYS_setresuid, {num(1), num(1), num(1)}), call(SYS_setgid, {num(7)}),
       call(SYS_setresgid, {num(7), num(8), num(9)}), call(SYS_setgroups, {num(2), words({31 | 32ULL << 32})})},
      &two_groups);
  const Fields after = {{"group.effective.id", "0"}, {"group.saved.id", "0"}, {"group.count", "2"}};
  const auto asked = [&](const std::string& id) {
    Fields fields = after;
    fields.emplace("group.changes.id", id);
    return fields;
  };
  EXPECT_EQ(told_of(EventType::setgid, 1), failed("setgid", "EPERM", asked("7")));
  EXPECT_EQ(told_of(EventType::setgid, 2), failed("setresgid", "EPERM", asked("8")));
  EXPECT_EQ(told_of(EventType::setgid, 3), failed("setgroups", "EPERM", untrusted(asked("31"))));
}

TEST_P(SetIdTest, SupplementaryGroups) {
  // The kernel keeps the list sorted.
  run({EventType::setgid}, {call(SYS_setgroups, {num(3), words({30 | 20ULL << 32, 40})}),
                            call(SYS_setgroups, {num(0), num(0)}), call(SYS_setgroups, {num(2), num(8)})});
  Fields after = {
      {"group.effective.id", "0"}, {"group.saved.id", "0"}, {"group.count", "3"}, {"group.changes.id", "20"}};
  EXPECT_EQ(told_of(EventType::setgid, 1), succeeded("setgroups", after));
  after["group.count"] = "0";
  after.erase("group.changes.id");
  EXPECT_EQ(told_of(EventType::setgid, 2), succeeded("setgroups", after));
  EXPECT_EQ(told_of(EventType::setgid, 3), failed("setgroups", "EFAULT", untrusted(after)));
  EXPECT_EQ(sensor().counters().faults[BONGSU_EVENT_setgid][BONGSU_FAULT_USER], 1U);
}

#if defined(__x86_64__)
// Numbers of arch/x86/entry/syscalls/syscall_32.tbl. The first ones take 16 bits: 65535 is "as it is".
TEST_P(SetIdTest, UsersBy32BitCalls) {
  expect_users({{call32(164, {num(1), num(0), num(2)}), "setresuid", 0, 0, 2},
                {call32(164, {num(65535), num(65535), num(5)}), "setresuid", 5, 0, 5},
                {call32(70, {num(3), num(0xffff)}), "setreuid", 3, 0, 0},
                {call32(138, {num(9)}), "setfsuid", 9, 0, 0},
                {call32(208, {num(1), num(0), num(70000)}), "setresuid32", 0, 0, 70000},
                {call32(203, {num(-1), num(0)}), "setreuid32", 0, 0, 0},
                {call32(215, {num(65535)}), "setfsuid32", 65535, 0, 0},
                {call32(23, {num(0xabcd0000 | 7)}), "setuid", 7, 7, 7},
                {call32(213, {num(70000)}), "setuid32", 70000, 7, 7, "EPERM"},
                {call32(23, {num(0)}), "setuid", 0, 7, 7, "EPERM"}},
               "i386");
}

TEST_P(SetIdTest, GroupsBy32BitCalls) {
  expect_groups({{call32(170, {num(1), num(3), num(2)}), "setresgid", 3, 3, 2},
                 {call32(71, {num(65535), num(65535)}), "setregid", kNone, 3, 2},
                 {call32(139, {num(9)}), "setfsgid", 9, 3, 2},
                 {call32(210, {num(-1), num(70000), num(-1)}), "setresgid32", 70000, 70000, 2},
                 {call32(204, {num(5), num(-1)}), "setregid32", 5, 70000, 70000},
                 {call32(216, {num(65535)}), "setfsgid32", 65535, 70000, 70000},
                 {call32(46, {num(8)}), "setgid", 8, 8, 8},
                 {call32(214, {num(70001)}), "setgid32", 70001, 70001, 70001}},
                "i386");
}

TEST_P(SetIdTest, SupplementaryGroupsBy32BitCalls) {
  run({EventType::setgid}, {call32(81, {num(2), words({40 | 30 << 16})}), call32(206, {num(1), words({70000})}),
                            call(SYS_setresuid, {num(1), num(1), num(1)}), call32(81, {num(2), words({41 | 31 << 16})}),
                            call32(206, {num(1), words({70002})})});
  Fields after = {{"group.effective.id", "0"}, {"group.saved.id", "0"}};
  const auto told_as = [&](const std::string& id, const std::string& count) {
    Fields fields = after;
    fields.emplace("group.changes.id", id);
    fields.emplace("group.count", count);
    return fields;
  };
  EXPECT_EQ(told_of(EventType::setgid, 1), succeeded("setgroups", told_as("30", "2"), "i386"));
  EXPECT_EQ(told_of(EventType::setgid, 2), succeeded("setgroups32", told_as("70000", "1"), "i386"));
  EXPECT_EQ(told_of(EventType::setgid, 3), failed("setgroups", "EPERM", untrusted(told_as("41", "1")), "i386"));
  EXPECT_EQ(told_of(EventType::setgid, 4), failed("setgroups32", "EPERM", untrusted(told_as("70002", "1")), "i386"));
}
#endif

}  // namespace
}  // namespace bongsu::test
