// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "rules/sequence_runs.h"
#include "unit/rules/rules_testing.h"
#include "unit/rules/state_testing.h"

namespace bongsu {
namespace {

using testing::at;
using testing::compiled;
using testing::fires;
using testing::following;
using testing::kSecond;

constexpr EventType kA = EventType::connect;
constexpr EventType kB = EventType::open;
constexpr EventType kC = EventType::exec;

Sequence sequence(std::vector<SequenceStep> steps, std::vector<FieldId> by = {}) {
  return {.by = std::move(by), .within_ns = 10 * kSecond, .steps = std::move(steps)};
}

Sequence plain(std::vector<FieldId> by = {}) { return sequence({{{kA}, {}}, {{kB}, {}}, {{kC}, {}}}, std::move(by)); }

// A file is opened, and the same one executed, after a connect.
Sequence referring() {
  return sequence({{{kA}, {}}, {{kB}, {}}, {{kC}, {{FieldId::process_executable, 1, FieldId::file_path}}}});
}

FakeEvent opened(const std::string& path, double seconds) {
  FakeEvent event = at(seconds, kB);
  event.text(FieldId::file_path, path);
  return event;
}

FakeEvent executed(const std::string& path, double seconds) {
  FakeEvent event = at(seconds, kC);
  event.text(FieldId::process_executable, path);
  return event;
}

TEST(Sequence, FiresAtTheLastStepAndForgetsTheRun) {
  RuleState state(compiled({following("s", plain())}));
  EXPECT_EQ(fires(state, at(0, kA)), "");
  EXPECT_EQ(fires(state, at(1, kB)), "");
  EXPECT_EQ(fires(state, at(2, kC)), "s ");
  EXPECT_EQ(state.counters().keys, 0U);
  EXPECT_EQ(state.counters().bytes, 0U);
  EXPECT_EQ(fires(state, at(2, kB)), "");
  EXPECT_EQ(fires(state, at(3, kC)), "");
}

TEST(Sequence, AsksForTheOrder) {
  RuleState state(compiled({following("s", plain())}));
  for (const EventType type : {kC, kB, kA, kC, kB}) {
    EXPECT_EQ(fires(state, at(0, type)), "");
  }
  EXPECT_EQ(fires(state, at(1, kC)), "s ");
}

TEST(Sequence, TheWindowCountsFromTheFirstStep) {
  RuleState state(compiled({following("s", plain())}));
  EXPECT_EQ(fires(state, at(0, kA)), "");
  EXPECT_EQ(fires(state, at(9, kB)), "");
  EXPECT_EQ(fires(state, at(10.1, kC)), "");
  EXPECT_EQ(fires(state, at(20, kA)), "");
  EXPECT_EQ(fires(state, at(29, kB)), "");
  EXPECT_EQ(fires(state, at(30, kC)), "s ");
}

TEST(Sequence, ALaterFirstStepMakesTheWindowLater) {
  RuleState state(compiled({following("s", plain())}));
  EXPECT_EQ(fires(state, at(0, kA)), "");
  EXPECT_EQ(fires(state, at(8, kA)), "");
  EXPECT_EQ(fires(state, at(9, kB)), "");
  EXPECT_EQ(fires(state, at(17, kC)), "s ");
}

TEST(Sequence, EventsALittleOutOfOrderDoNotBreakIt) {
  RuleState state(compiled({following("s", plain())}));
  EXPECT_EQ(fires(state, at(1.002, kA)), "");
  EXPECT_EQ(fires(state, at(1.001, kB)), "");
  EXPECT_EQ(fires(state, at(1, kC)), "s ");
}

TEST(Sequence, KeysAreApart) {
  RuleState state(compiled({following("s", plain({FieldId::container_id}))}));
  const auto in = [](const char* container, EventType type) {
    FakeEvent event = at(0, type);
    event.text(FieldId::container_id, container);
    return event;
  };
  EXPECT_EQ(fires(state, in("a", kA)), "");
  EXPECT_EQ(fires(state, in("b", kA)), "");
  EXPECT_EQ(fires(state, in("a", kB)), "");
  EXPECT_EQ(fires(state, in("b", kC)), "");
  EXPECT_EQ(fires(state, at(0, kC)), "");
  EXPECT_EQ(fires(state, in("a", kC)), "s ");
  EXPECT_EQ(state.counters().keys, 1U);
}

TEST(Sequence, NoEventIsTwoStepsOfOneRun) {
  const Sequence same = sequence({{{kA, kB}, {}}, {{kB}, {}}, {{kB, kC}, {}}});
  RuleState state(compiled({following("s", same)}));
  EXPECT_EQ(fires(state, at(0, kB)), "");
  EXPECT_EQ(fires(state, at(1, kB)), "");  // the second step of the first run, the first of a second one
  EXPECT_EQ(fires(state, at(2, kB)), "s ");
  EXPECT_EQ(fires(state, at(3, kB)), "s ");
  EXPECT_EQ(fires(state, at(4, kC)), "s ");
  EXPECT_EQ(fires(state, at(5, kC)), "");
}

TEST(Sequence, AReferenceAsksForTheSameValue) {
  RuleState state(compiled({following("s", referring())}));
  EXPECT_EQ(fires(state, at(0, kA)), "");
  EXPECT_EQ(fires(state, opened("/tmp/x", 1)), "");
  EXPECT_EQ(fires(state, executed("/bin/sh", 2)), "");
  EXPECT_EQ(fires(state, at(2, kC)), "");
  EXPECT_EQ(fires(state, executed("/tmp/x", 3)), "s ");
  EXPECT_EQ(fires(state, executed("/tmp/x", 4)), "");
}

TEST(Sequence, WhatComesInBetweenDoesNotLeadItAstray) {
  RuleState state(compiled({following("s", referring())}));
  EXPECT_EQ(fires(state, at(0, kA)), "");
  EXPECT_EQ(fires(state, opened("/tmp/decoy", 1)), "");
  EXPECT_EQ(fires(state, opened("/tmp/x", 1)), "");
  EXPECT_EQ(fires(state, opened("/tmp/another", 1)), "");
  EXPECT_EQ(fires(state, executed("/tmp/x", 3)), "s ");
  EXPECT_EQ(fires(state, executed("/tmp/decoy", 3)), "") << "the run has ended, with its branches";
}

TEST(Sequence, WhatIsMissingIsNeverEqual) {
  RuleState state(compiled({following("s", referring())}));
  EXPECT_EQ(fires(state, at(0, kA)), "");
  EXPECT_EQ(fires(state, at(1, kB)), "");
  EXPECT_EQ(fires(state, at(2, kC)), "");
}

TEST(Sequence, AnItemOfAListMayBeTheValue) {
  Sequence with_list = referring();
  with_list.steps[2].references = {{FieldId::process_args, 1, FieldId::file_path}};
  RuleState state(compiled({following("s", with_list)}));
  EXPECT_EQ(fires(state, at(0, kA)), "");
  EXPECT_EQ(fires(state, opened("/tmp/x", 1)), "");
  FakeEvent event = at(2, kC);
  EXPECT_EQ(fires(state, event.list(FieldId::process_args, {"sh", "/tmp/y"})), "");
  EXPECT_EQ(fires(state, event.list(FieldId::process_args, {"sh", "/tmp/x"})), "s ");
}

TEST(Sequence, ReferencesToSeveralStepsAreKeptApart) {
  const Sequence three = sequence(
      {{{kA}, {}},
       {{kB}, {{FieldId::process_pid, 0, FieldId::process_pid}}},
       {{kC},
        {{FieldId::process_executable, 1, FieldId::file_path}, {FieldId::process_name, 0, FieldId::process_name}}}});
  RuleState state(compiled({following("s", three)}));
  FakeEvent first = at(0, kA);
  EXPECT_EQ(fires(state, first.number(FieldId::process_pid, 1).text(FieldId::process_name, "curl")), "");
  FakeEvent second = opened("/tmp/x", 1);
  EXPECT_EQ(fires(state, second.number(FieldId::process_pid, 2)), "");
  FakeEvent third = executed("/tmp/x", 2);
  EXPECT_EQ(fires(state, third.text(FieldId::process_name, "curl")), "") << "another process wrote it";
  EXPECT_EQ(fires(state, second.number(FieldId::process_pid, 1)), "");
  EXPECT_EQ(fires(state, third.text(FieldId::process_name, "sh")), "");
  EXPECT_EQ(fires(state, third.text(FieldId::process_name, "curl")), "s ");
}

TEST(Sequence, RunsOfAKeyAreBoundedAndTheFirstBranchGoes) {
  RuleState state(compiled({following("s", referring())}));
  EXPECT_EQ(fires(state, at(0, kA)), "");
  const auto path = [](std::size_t i) { return "/tmp/" + std::to_string(i); };
  for (std::size_t i = 0; i < kMaxRunsOfAKey + 5; ++i) {
    EXPECT_EQ(fires(state, opened(path(i), 1)), "");
  }
  EXPECT_EQ(state.counters().evictions, 6U);  // the run that branches is one of them
  EXPECT_EQ(fires(state, executed(path(kMaxRunsOfAKey + 4), 2)), "s ");
}

TEST(Sequence, SurvivesAReloadOfTheSameSteps) {
  RuleState state(compiled({following("s", plain()), following("t", plain())}));
  EXPECT_EQ(fires(state, at(0, kA)), "");
  EXPECT_EQ(fires(state, at(1, kB)), "");
  state.use(compiled({following("t", plain({FieldId::container_id})), following("s", plain())}));
  EXPECT_EQ(fires(state, at(2, kC)), "s ");
}

// A file that is renamed goes on under its new name; a family's step takes either.
TEST(Sequence, FollowsAFileThroughItsNames) {
  const LoadedRules loaded = testing::load_text(R"({"rules": [
    {"id": "s", "name": "S", "severity": "low", "sequence": {"within": "1m", "steps": [
      {"event": "open"}, {"event": "file.modify", "match": {"file.path": "$1.file.path"}},
      {"event": "exec", "match": {"process.args": "$2.file.path"}}]}}]})");
  ASSERT_FALSE(loaded.has_errors()) << testing::all_text(loaded.diagnostics);
  RuleState state(loaded.rules);
  std::size_t fires = 0;
  const auto judge = [&](EventType type, const std::string& fields) {
    state.judge(testing::event_of(type, R"({"@timestamp": "2026-11-21T10:00:00Z",)" + fields + "}"),
                [&](const Rule&) { ++fires; });
  };
  judge(EventType::open, R"("file.path": "/tmp/a")");
  judge(EventType::rename, R"("file.path": "/tmp/a", "file.target_path": "/tmp/b")");
  judge(EventType::exec, R"("process.args": ["sh", "/tmp/a"])");
  EXPECT_EQ(fires, 0U);
  judge(EventType::exec, R"("process.args": ["sh", "/tmp/b"])");
  EXPECT_EQ(fires, 1U);
}

}  // namespace
}  // namespace bongsu
