// SPDX-License-Identifier: Apache-2.0
#include "cli/trace_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/fake_event.h"
#include "support/fake_root.h"

namespace bongsu {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

std::vector<std::string> names_of(const std::bitset<kEventCount>& wanted) {
  std::vector<std::string> names;
  for (const EventInfo& event : events()) {
    if (wanted[static_cast<std::size_t>(event.type)]) {
      names.emplace_back(event.name);
    }
  }
  return names;
}

std::vector<std::string> parsed(std::string_view text) {
  const auto wanted = parse_events(text);
  return wanted ? names_of(*wanted) : std::vector{wanted.error().to_string()};
}

FakeEvent event_of(EventType type, std::int64_t pid) {
  FakeEvent event(type);
  event.number(FieldId::process_pid, pid);
  return event;
}

FakeEvent fork_of(std::int64_t parent, std::int64_t child) {
  FakeEvent event = event_of(EventType::fork, child);
  event.number(FieldId::process_parent_pid, parent);
  return event;
}

TraceSelection selection_of(std::string_view events) {
  TraceSelection selection;
  selection.events = *parse_events(events);
  return selection;
}

TEST(ParseEvents, NamesAndFamilies) {
  EXPECT_THAT(parsed("exec"), ElementsAre("exec"));
  EXPECT_THAT(parsed("exit,exec,exec"), UnorderedElementsAre("exec", "exit"));
  EXPECT_THAT(parsed("memory"), UnorderedElementsAre("mmap", "munmap", "mprotect", "brk"));
  EXPECT_THAT(parsed("memory,open"), UnorderedElementsAre("mmap", "munmap", "mprotect", "brk", "open"));
  EXPECT_THAT(parsed("container"),
              UnorderedElementsAre("container_start", "container_stop", "cgroup_move", "cgroup_rename"));
}

TEST(ParseEvents, AFamilyIsEveryEventOfItsRowsAndNoOther) {
  for (const EventInfo& event : events()) {
    if (event.type == EventType::none || event.ring == Ring::none) {
      continue;
    }
    const auto wanted = parse_events(event.family);
    ASSERT_TRUE(wanted) << event.family;
    for (const EventInfo& other : events()) {
      EXPECT_EQ((*wanted)[static_cast<std::size_t>(other.type)], other.family == event.family) << other.name;
    }
  }
}

TEST(ParseEvents, WhatIsUnknownIsToldWithWhatIsNear) {
  EXPECT_THAT(parsed("opne"), ElementsAre("unknown event opne: did you mean open?"));
  EXPECT_THAT(parsed("exec,netwrok"), ElementsAre("unknown event netwrok: did you mean network?"));
  EXPECT_THAT(parsed("zzzzzzzzzz"), ElementsAre("unknown event zzzzzzzzzz: bongsu events lists them"));
  EXPECT_THAT(parsed(""), ElementsAre(testing::StartsWith("unknown event \"\"")));
  EXPECT_THAT(parsed("exec,"), ElementsAre(testing::StartsWith("unknown event \"\"")));
  EXPECT_THAT(parsed("exec, exit"), ElementsAre(testing::StartsWith("unknown event  exit")));
}

TEST(ParseEvents, WhatTheMonitorSaysOfItselfCannotBeTraced) {
  EXPECT_FALSE(parse_events("heartbeat"));
  EXPECT_FALSE(parse_events("agent"));
  EXPECT_FALSE(parse_events("none"));
}

TEST(TraceSelectionTest, TakesTheEventsThatWereAskedFor) {
  const TraceSelection selection = selection_of("exec,open");
  EXPECT_TRUE(selection.takes(event_of(EventType::exec, 1)));
  EXPECT_TRUE(selection.takes(event_of(EventType::open, 1)));
  EXPECT_FALSE(selection.takes(event_of(EventType::fork, 1)));
}

TEST(TraceSelectionTest, ByCommAndUser) {
  TraceSelection selection = selection_of("exec");
  selection.comm = "make";
  selection.uid = 0;
  FakeEvent event = event_of(EventType::exec, 1);
  event.text(FieldId::process_thread_name, "make").number(FieldId::process_user_id, 0);
  EXPECT_TRUE(selection.takes(event));
  EXPECT_FALSE(selection.takes(event.number(FieldId::process_user_id, 1)));
  EXPECT_FALSE(selection.takes(event.number(FieldId::process_user_id, 0).text(FieldId::process_thread_name, "maker")));
}

TEST(TraceSelectionTest, ByPlace) {
  const FakeEvent host = event_of(EventType::exec, 1);
  FakeEvent contained = event_of(EventType::exec, 2);
  contained.text(FieldId::container_id, "4f2a9");
  const auto taken = [&](TraceSelection::Namespace where, const std::string& container) {
    TraceSelection selection = selection_of("exec");
    selection.where = where;
    selection.container = container;
    EXPECT_EQ(selection.takes(host), selection.in_place(host));
    EXPECT_EQ(selection.takes(contained), selection.in_place(contained));
    return std::string(selection.takes(host) ? "host " : "") + (selection.takes(contained) ? "container" : "");
  };
  using Where = TraceSelection::Namespace;
  EXPECT_EQ(taken(Where::all, ""), "host container");
  EXPECT_EQ(taken(Where::host, ""), "host ");
  EXPECT_EQ(taken(Where::containers, ""), "container");
  EXPECT_EQ(taken(Where::all, "any"), "container");
  EXPECT_EQ(taken(Where::all, "4f2"), "container");
  EXPECT_EQ(taken(Where::all, "f2"), "");
  EXPECT_EQ(taken(Where::host, "4f2"), "");
}

TEST(TraceSelectionTest, AShortLifeIsLeftOutOfExitsAlone) {
  TraceSelection selection = selection_of("exec,exit");
  selection.min_duration_ns = 10;
  FakeEvent end = event_of(EventType::exit, 1);
  EXPECT_FALSE(selection.takes(end.number(FieldId::event_duration, 9)));
  EXPECT_TRUE(selection.takes(end.number(FieldId::event_duration, 10)));
  EXPECT_TRUE(selection.takes(event_of(EventType::exec, 1)));
}

TEST(TraceSelectionTest, OneProcessIsFollowedWithoutItsChildren) {
  TraceSelection selection = selection_of("open,fork");
  selection.only({10}, false);
  EXPECT_FALSE(selection.follow(fork_of(10, 11)));
  EXPECT_TRUE(selection.takes(event_of(EventType::open, 10)));
  EXPECT_FALSE(selection.takes(event_of(EventType::open, 11)));
}

TEST(TraceSelectionTest, DescendantsComeAndGo) {
  TraceSelection selection = selection_of("open,fork,exit");
  selection.only({10, 20}, true);
  EXPECT_TRUE(selection.follow(fork_of(10, 11)));
  EXPECT_FALSE(selection.follow(fork_of(10, 11))) << "it is known";
  EXPECT_TRUE(selection.follow(fork_of(11, 12)));
  EXPECT_FALSE(selection.follow(fork_of(30, 31)));
  for (const std::int64_t pid : {10, 20, 11, 12}) {
    EXPECT_TRUE(selection.takes(event_of(EventType::open, pid))) << pid;
  }
  EXPECT_FALSE(selection.takes(event_of(EventType::open, 31)));
  const FakeEvent end = event_of(EventType::exit, 11);
  EXPECT_FALSE(selection.follow(end));
  EXPECT_TRUE(selection.takes(end));
  selection.forget(end);
  EXPECT_FALSE(selection.takes(event_of(EventType::open, 11))) << "the number may be another's by now";
  EXPECT_TRUE(selection.takes(event_of(EventType::open, 12)));
}

TEST(DescendantsOf, ATree) {
  const test::FakeRoot proc;
  const auto process = [&](int pid, int parent, const std::string& comm) {
    proc.file(std::to_string(pid) + "/stat",
              std::to_string(pid) + " (" + comm + ") S " + std::to_string(parent) + " 1 1 0 -1 4194560 1");
  };
  process(1, 0, "init");
  process(5, 1, "five");
  process(6, 5, "a) R 1 (b");  // a comm may hold anything
  process(7, 6, "seven");
  process(8, 1, "eight");
  process(9, 5, "nine");
  proc.file("10/stat", "");  // gone while it is read
  proc.file("11/stat", "11 (x) S");
  proc.directory("12");
  proc.file("self/stat", "5 (five) S 5 0");
  const std::string root = proc.path();
  EXPECT_THAT(descendants_of(root, 5), UnorderedElementsAre(5, 6, 7, 9));
  EXPECT_EQ(descendants_of(root, 5).front(), 5U);
  EXPECT_THAT(descendants_of(root, 8), ElementsAre(8));
  EXPECT_THAT(descendants_of(root, 1), UnorderedElementsAre(1, 5, 6, 7, 8, 9));
  EXPECT_THAT(descendants_of(root, 99), ElementsAre(99));
  EXPECT_THAT(descendants_of(root + "/none", 5), ElementsAre(5));
}

}  // namespace
}  // namespace bongsu
