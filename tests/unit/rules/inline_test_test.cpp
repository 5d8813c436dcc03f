// SPDX-License-Identifier: Apache-2.0
#include "rules/inline_test.h"

#include <gtest/gtest.h>

#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

TEST(InlineTests, PassAndFail) {
  const LoadedRules loaded = testing::load_text(R"({"rules": [
    {"id": "a", "name": "A", "severity": "low", "event": ["exec", "exit"], "match": {"process.name": "sh"}, "tests": [
      {"name": "right alert", "expect": "alert", "event": {"event.action": "exec", "process.name": "sh"}},
      {"name": "right none", "expect": "none", "event": {"event.action": "exit", "process.name": "ls"}},
      {"name": "wrong alert", "expect": "alert", "event": {"event.action": "exit", "process.name": "ls"}},
      {"name": "wrong none", "expect": "none", "event": {"event.action": "exec", "process.name": "sh"}},
      {"name": "another event", "expect": "none", "event": {"event.action": "fork", "process.name": "sh"}}]},
    {"id": "b", "name": "B", "severity": "low", "event": "exec", "tests": [
      {"name": "the rule's own event", "expect": "alert", "event": {"process.name": "sh", "@timestamp": "2026-01-01T00:00:00Z",
        "process.executable_memfd": true, "process.pid": 3, "process.args": ["a"]}}]},
    {"id": "c", "name": "C", "severity": "low", "event": "exec", "enabled": false, "tests": [
      {"name": "not run", "expect": "alert", "event": {}}]}]})");
  ASSERT_FALSE(loaded.has_errors()) << testing::all_text(loaded.diagnostics);
  const std::vector<InlineTestResult> results = run_inline_tests(loaded);
  std::vector<bool> passed;
  passed.reserve(results.size());
  for (const InlineTestResult& result : results) {
    passed.push_back(result.passed);
  }
  EXPECT_EQ(passed, (std::vector<bool>{true, true, false, false, true, true}));
  EXPECT_EQ(results.at(2).to_string(),
            "rules.json:5:7: a: \"wrong alert\": expected an alert, got none: process.name is \"ls\", asked: \"sh\"");
  EXPECT_EQ(results.at(3).to_string(),
            "rules.json:6:7: a: \"wrong none\": expected none, got an alert: process.name is \"sh\" (\"sh\")");
}

TEST(InlineTests, EventAnswersOnlyWhatItWasGiven) {
  const JsonEventView event = testing::event_of(
      EventType::exec,
      R"({"process.pid": 7, "process.executable_memfd": true, "process.start": "1970-01-01T00:00:01Z"})");
  EXPECT_EQ(event.type(), EventType::exec);
  EXPECT_EQ(event.value(FieldId::process_pid).integer(), 7);
  EXPECT_EQ(event.value(FieldId::process_executable_memfd).kind(), Value::Kind::boolean);
  EXPECT_EQ(event.value(FieldId::process_start).kind(), Value::Kind::date);
  EXPECT_EQ(event.value(FieldId::process_start).integer(), 1'000'000'000);
  EXPECT_FALSE(event.value(FieldId::process_name).has_value());
}

}  // namespace
}  // namespace bongsu
