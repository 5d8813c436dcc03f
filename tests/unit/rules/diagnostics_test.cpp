// SPDX-License-Identifier: Apache-2.0
//
// Broken rule files: each error's exact line, column and pointer, what it says and what it suggests. `@@` marks the
// place in the text and is taken out before it is read.
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/rules/diagnostics_testing.h"

namespace bongsu {
namespace {

using testing::Broken;
using testing::expect_error;
using testing::in_exec;
using testing::in_match;
using testing::in_rule;

TEST(Diagnostics, OfFields) {
  for (const Broken& broken : std::vector<Broken>{
           {in_match(R"(@@"process.nmae": "sh")"), "/rules/0/match/process.nmae", "unknown field",
            "did you mean process.name?"},
           {in_match(R"(@@"process.parent.nam": "sh")"), "/rules/0/match/process.parent.nam", "unknown field",
            "did you mean process.parent.name?"},
           {in_match(R"(@@"process": {"name": "sh"})"), "/rules/0/match/process", "unknown field",
            "one key, such as process.pid"},
           {in_match(R"(@@"prefix": "sh")"), "/rules/0/match/prefix", "unknown field", "stands in a field's value"},
           {in_match(R"(@@"alll": [{"process.pid": 1}])"), "/rules/0/match/alll", "unknown field", "did you mean all?"},
           {in_match(R"(@@"a/b~c": 1)"), "/rules/0/match/a~1b~0c", "unknown field", ""},
           {in_match(R"(@@"process.exit_code": 1)"), "/rules/0/match/process.exit_code",
            "the event exec has no field process.exit_code", "events that have it: exit"},
           {in_rule(R"("event": ["exit", "fork"], "match": {@@"process.exit_code": 1})"),
            "/rules/0/match/process.exit_code", "the event fork has no field", "exit"},
           {in_rule(R"("event": "process.*", "match": {"not": {@@"event.duration": 1}})"),
            "/rules/0/match/not/event.duration", "has no field event.duration", "exit"},
           {in_rule(R"("event": "drop", "match": {@@"process.name": "x"})"), "/rules/0/match/process.name",
            "the event drop has no field", "exec"},
           {in_match(R"("process.name": @@7)"), "/rules/0/match/process.name",
            "process.name is a string, not an integer", ""},
           {in_match(R"("process.name": @@null)"), "/rules/0/match/process.name", "null", "{\"exists\": false}"},
           {in_match(R"("process.pid": @@"7")"), "/rules/0/match/process.pid",
            "process.pid is a whole number, not a string", "without quotes"},
           {in_match(R"("process.pid": @@1.5)"), "/rules/0/match/process.pid", "whole number of 64 bits", ""},
           {in_match(R"("process.pid": @@true)"), "/rules/0/match/process.pid", "not a boolean", ""},
           {in_match(R"("process.executable_memfd": @@"yes")"), "/rules/0/match/process.executable_memfd",
            "is true or false", ""},
           {in_match(R"("process.start": @@"yesterday")"), "/rules/0/match/process.start", "a point in time", "2026"},
           {in_match(R"("process.args": ["a", @@1])"), "/rules/0/match/process.args/1", "process.args holds strings",
            ""},
           {in_match(R"("process.args": @@[])"), "/rules/0/match/process.args", "empty array", ""},
           {in_rule(R"("event": "exit", "match": {"event.duration": {"gt": @@"5 minutes"}})"),
            "/rules/0/match/event.duration/gt", "no time", "90s"},
       }) {
    expect_error(broken);
  }
}

TEST(Diagnostics, OfOperators) {
  for (const Broken& broken : std::vector<Broken>{
           {in_match(R"("process.name": {@@"prefx": "sh"})"), "/rules/0/match/process.name/prefx", "unknown operator",
            "did you mean prefix?"},
           {in_match(R"("process.name": {@@"startswith": "sh"})"), "/rules/0/match/process.name/startswith",
            "unknown operator", "did you mean prefix?"},
           {in_match(R"("process.pid": {@@">=": 3})"), "/rules/0/match/process.pid/>=", "unknown operator",
            "did you mean gte?"},
           {in_match(R"("process.pid": {@@"qqqqqq": 3})"), "/rules/0/match/process.pid/qqqqqq", "unknown operator",
            "operators of a whole number: all_bits"},
           {in_match(R"("process.name": {@@"gt": 3})"), "/rules/0/match/process.name/gt",
            "gt does not fit process.name, which is a string", "operators that do: cidr, contains"},
           {in_match(R"("process.pid": {@@"glob": "3*"})"), "/rules/0/match/process.pid/glob",
            "glob does not fit process.pid", "all_bits"},
           {in_match(R"("process.executable_memfd": {@@"lt": true})"), "/rules/0/match/process.executable_memfd/lt",
            "does not fit", "eq"},
           {in_match(R"("process.name": @@{})"), "/rules/0/match/process.name", "no operator", "eq"},
           {in_match(R"("process.name": @@{"ignore_case": true})"), "/rules/0/match/process.name", "ignore_case", ""},
           {in_match(R"("process.pid": @@{"eq": 1, "ignore_case": true})"), "/rules/0/match/process.pid", "ignore_case",
            ""},
           {in_match(R"("process.name": {"eq": "a", "ignore_case": @@1})"), "/rules/0/match/process.name/ignore_case",
            "true or false", ""},
           {in_match(R"("process.name": {@@"every": {"eq": "a"}})"), "/rules/0/match/process.name/every",
            "every is for fields with several values", "without it"},
           {in_match(R"("process.args": {"every": @@"a"})"), "/rules/0/match/process.args/every",
            "operators stand in an object", ""},
           {in_match(R"("process.args": {"every": {@@"every": {"eq": "a"}}})"),
            "/rules/0/match/process.args/every/every", "every stands in every", "the first one"},
           {in_match(R"("process.name": {"eq": @@["a"]})"), "/rules/0/match/process.name/eq", "eq takes one value",
            "write in"},
           {in_match(R"("process.name": {"ne": @@"$x"})"), "/rules/0/match/process.name/ne", "ne takes one value",
            "write not_in"},
           {in_match(R"("process.name": {"in": @@"a"})"), "/rules/0/match/process.name/in", "takes an array or a list",
            ""},
           {in_match(R"("process.name": {"exists": @@1})"), "/rules/0/match/process.name/exists", "true or false", ""},
           {in_match(R"("process.pid": {"gt": @@"$pids"})"), "/rules/0/match/process.pid/gt", "gt takes one value", ""},
           {in_match(R"("process.pid": {"all_bits": @@0})"), "/rules/0/match/process.pid/all_bits", "at least one bit",
            ""},
           {in_match(R"("process.name": {"regex": @@"a(b"})"), "/rules/0/match/process.name/regex",
            "bad regex: missing )", "RE2"},
           {in_match(R"("process.name": {"regex": @@"[a-z]{999}[0-9]{999}"})"), "/rules/0/match/process.name/regex",
            "the regex is too large", ""},
           {in_match(R"("process.name": {"glob": @@"/a/[b"})"), "/rules/0/match/process.name/glob", "[ is not closed",
            "\\\\["},
           {in_match(R"("process.name": {"cidr": @@"10.0.0.0/33"})"), "/rules/0/match/process.name/cidr", "no network",
            "10.0.0.0/8"},
           {in_match(R"("process.name": {"prefix": @@""})"), "/rules/0/match/process.name/prefix", "empty text",
            "exists"},
           {in_match(R"("process.name": {"contains": ["a", @@2]})"), "/rules/0/match/process.name/contains/1",
            "is a string", ""},
       }) {
    expect_error(broken);
  }
}

TEST(Diagnostics, OfGroupsAndLists) {
  for (
      const Broken& broken : std::vector<Broken>{
          {in_match(R"("any": @@[])"), "/rules/0/match/any", "empty array", ""},
          {in_match(R"("any": @@{"process.name": "a"})"), "/rules/0/match/any", "arrays of conditions, not an object",
           ""},
          {in_match(R"("any": [{"process.name": "a"}, @@{}])"), "/rules/0/match/any/1", "true of every event", ""},
          {in_match(R"("not": @@7)"), "/rules/0/match/not", "a condition is an object, not an integer", ""},
          {in_match(R"("all": [@@"$in_container"])"), "/rules/0/match/all/0", "no macro has the name in_container", ""},
          {in_match(R"("all": [@@"process.name"])"), "/rules/0/match/all/0", "a condition is an object, not a string",
           ""},
          {in_exec(R"("match": @@[])"), "/rules/0/match", "a condition is an object, not an array", ""},
          {in_match(R"("process.name": @@"$shels")"), "/rules/0/match/process.name", "no list has the name shels",
           "$$shels"},
          {R"({"lists": {"shells": ["sh"]}, "rules": [{"id": "a", "name": "A", "severity": "low", "event": "exec", "match": {"process.name": @@"$shels"}}]})",
           "/rules/0/match/process.name", "no list has the name shels", "did you mean shells?"},
          {R"({"lists": {"n": ["sh"]}, "rules": [{"id": "a", "name": "A", "severity": "low", "event": "exec", "match": {"process.pid": @@"$n"}}]})",
           "/rules/0/match/process.pid", "an item of the list does not fit", ""},
          {R"({"lists": {"n": []}, "rules": [{"id": "a", "name": "A", "severity": "low", "event": "exec", "match": {"process.pid": @@"$n"}}]})",
           "/rules/0/match/process.pid", "the list n is empty", ""},
          {R"({"lists": {"a": ["x", @@"$b"]}})", "/lists/a/1", "no list has the name b", ""},
          {R"({"lists": {"a": ["$b"], "b": [@@"$a"]}})", "/lists/b/0", "the list b holds itself, through $a",
           "take the reference out"},
          {R"({"lists": {"a": [@@["x"]]}})", "/lists/a/0", "a list holds strings", ""},
          {R"({"lists": {"a": @@"x"}})", "/lists/a", "a list is an array", ""},
          {R"({"lists": {@@"a b": ["x"]}})", "/lists/a b", "bad list name", ""},
      }) {
    expect_error(broken);
  }
}

TEST(Diagnostics, OfRules) {
  for (const Broken& broken : std::vector<Broken>{
           {in_exec(R"(@@"severty": "low")"), "/rules/0/severty", "unknown key severty", "did you mean severity?"},
           {in_exec(R"(@@"qqqqqqqq": 1)"), "/rules/0/qqqqqqqq", "unknown key", "keys here: id name"},
           {R"({"rules": [@@{"name": "A", "severity": "low", "event": "exec"}]})", "/rules/0", "the rule has no id",
            ""},
           {R"({"rules": [@@{"id": "a", "severity": "low", "event": "exec"}]})", "/rules/0", "the rule has no name",
            ""},
           {R"({"rules": [@@{"id": "a", "name": "A", "event": "exec"}]})", "/rules/0", "the rule has no severity", ""},
           {R"({"rules": [@@{"id": "a", "name": "A", "severity": "low"}]})", "/rules/0", "the rule has no event",
            "process.*"},
           {R"({"rules": [{"id": @@"Bad Id", "name": "A", "severity": "low", "event": "exec"}]})", "/rules/0/id",
            "bad rule id", "lowercase"},
           {R"({"rules": [{"id": "a", "name": @@"", "severity": "low", "event": "exec"}]})", "/rules/0/name",
            "name is empty", ""},
           {R"({"rules": [{"id": "a", "name": "A", "severity": @@"hgh", "event": "exec"}]})", "/rules/0/severity",
            "unknown severity hgh", "did you mean high?"},
           {R"({"rules": [{"id": "a", "name": "A", "severity": @@3, "event": "exec"}]})", "/rules/0/severity",
            "severity is a string", ""},
           {in_rule(R"("event": @@"exce")"), "/rules/0/event", "unknown event exce", "did you mean exec?"},
           {in_rule(R"("event": ["exec", @@"proces.*"])"), "/rules/0/event/1", "unknown event proces.*",
            "did you mean process.*?"},
           {in_rule(R"("event": @@"quantum")"), "/rules/0/event", "unknown event quantum", "there are process.*"},
           {in_rule(R"("event": @@"none")"), "/rules/0/event", "unknown event none", ""},
           {in_rule(R"("event": @@[])"), "/rules/0/event", "empty array", ""},
           {in_rule(R"("event": @@1)"), "/rules/0/event", "an event is a name", ""},
           {in_exec(R"("tags": ["a", @@1])"), "/rules/0/tags/1", "tags holds strings", ""},
           {in_exec(R"("attack": ["T1059.004", @@"T1059.4"])"), "/rules/0/attack/1", "no ATT&CK technique id",
            "T1059.004"},
           {in_exec(R"("attack": [@@"1059"])"), "/rules/0/attack/0", "no ATT&CK technique id", ""},
           {in_exec(R"("enabled": @@"no")"), "/rules/0/enabled", "true or false", ""},
           {in_exec(R"("message": @@"{process.nmae} ran")"), "/rules/0/message",
            "unknown field \"process.nmae\" in the message", "did you mean process.name?"},
           {in_exec(R"("message": @@"{process.exit_code}")"), "/rules/0/message",
            "none of the rule's events has the field", ""},
           {in_exec(R"("message": @@"a {process.name")"), "/rules/0/message", "not closed", "{{"},
           {in_exec(R"("message": @@"a } b")"), "/rules/0/message", "closes nothing", "}}"},
           {in_exec(R"("message": @@"{\"x\"}")"), "/rules/0/message", "names no field", ""},
           {in_exec(R"("message": @@"{process.name|\"x\"|process.pid}")"), "/rules/0/message", "comes last", ""},
       }) {
    expect_error(broken);
  }
}

TEST(Diagnostics, OfInlineTests) {
  for (const Broken& broken : std::vector<Broken>{
           {in_exec(R"("tests": @@{})"), "/rules/0/tests", "tests is an array", ""},
           {in_exec(R"("tests": [@@1])"), "/rules/0/tests/0", "a test is an object", ""},
           {in_exec(R"("tests": [@@{"expect": "none", "event": {}}])"), "/rules/0/tests/0", "has no name", ""},
           {in_exec(R"("tests": [@@{"name": "x", "event": {}}])"), "/rules/0/tests/0", "the test has no expect", ""},
           {in_exec(R"("tests": [@@{"name": "x", "expect": "none"}])"), "/rules/0/tests/0", "the test has no event",
            ""},
           {in_exec(R"("tests": [{"name": "x", "expect": @@"yes", "event": {}}])"), "/rules/0/tests/0/expect",
            "expect is \"alert\" or \"none\"", ""},
           {in_exec(R"("tests": [{"name": "x", "expect": "none", "event": {}, @@"evnt": {}}])"),
            "/rules/0/tests/0/evnt", "unknown key", "did you mean event?"},
           {in_exec(R"("tests": [{"name": "x", "expect": "none", "event": {@@"process.nam": "a"}}])"),
            "/rules/0/tests/0/event/process.nam", "unknown field", "did you mean process.name?"},
           {in_exec(R"("tests": [{"name": "x", "expect": "none", "event": {"process.args": @@"a"}}])"),
            "/rules/0/tests/0/event/process.args", "a list of strings, not a string", ""},
           {in_exec(R"("tests": [{"name": "x", "expect": "none", "event": {"event.action": @@"exce"}}])"),
            "/rules/0/tests/0/event/event.action", "unknown event", "did you mean exec?"},
           {in_rule(R"("event": ["exec", "exit"], "tests": [{"name": "x", "expect": "none", "event": @@{}}])"),
            "/rules/0/tests/0/event", "no event.action", ""},
       }) {
    expect_error(broken);
  }
}

TEST(Diagnostics, OfFiles) {
  for (const Broken& broken : std::vector<Broken>{
           {"@@[]", "", "a rule file is an object, not an array", ""},
           {R"({"rules": @@{}})", "/rules", "rules is an array", ""},
           {R"({"rules": [@@"x"]})", "/rules/0", "a rule is an object", ""},
           {R"({@@"rule": []})", "/rule", "unknown key rule", "did you mean rules?"},
           {R"({"$schema": @@1})", "/$schema", "a string", ""},
           {R"({"lists": @@[]})", "/lists", "lists is an object", ""},
           {R"({"requires": {"engine": @@2}, "rules": [{}]})", "/requires/engine",
            "the file needs engine 2, this program has 1", "update the program"},
           {R"({"requires": {"engine": @@"1"}})", "/requires/engine", "a whole number", ""},
           {R"({"requires": {@@"engin": 1}})", "/requires/engin", "unknown key", "did you mean engine?"},
           {R"({"requires": @@1})", "/requires", "requires is an object", ""},
       }) {
    expect_error(broken);
  }
}

TEST(Diagnostics, OfTextThatIsNoJson) {
  const LoadedRules loaded = testing::load_text("{\n  \"rules\": [,]\n}");
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_EQ(loaded.diagnostics[0].line, 2U);
  EXPECT_EQ(loaded.diagnostics[0].column, 13U);
  EXPECT_EQ(loaded.diagnostics[0].message.find("line "), std::string::npos) << loaded.diagnostics[0].message;
  EXPECT_EQ(loaded.rules, nullptr);
}

TEST(Diagnostics, DuplicateIdNamesBothPlaces) {
  std::vector<RuleSource> sources;
  const std::string rule = R"({"id": "same", "name": "A", "severity": "low", "event": "exec"})";
  sources.push_back({"a.json", "{\"rules\": [\n" + rule + "]}"});
  sources.push_back({"b.json", "{\"rules\": [" + rule + "]}"});
  const LoadedRules loaded = load_rule_sources(std::move(sources), 0);
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_EQ(loaded.diagnostics[0].to_string(),
            "b.json:1:19: /rules/0/id: the rule id same is taken, at a.json:2:8: give one of them another id");
  EXPECT_EQ(loaded.rules->rules().size(), 1U);
  EXPECT_EQ(loaded.rules->rules()[0].file, "a.json");
}

TEST(Diagnostics, DuplicateListNamesBothPlaces) {
  std::vector<RuleSource> sources;
  sources.push_back({"a.json", R"({"lists": {"l": ["x"]}})"});
  sources.push_back({"b.json", R"({"lists": {"l": ["y"]}})"});
  const LoadedRules loaded = load_rule_sources(std::move(sources), 0);
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_EQ(loaded.diagnostics[0].to_string(),
            "b.json:1:12: /lists/l: the list l is there already, at a.json:1:17: to add to it write extends_lists");
}

// Every error of a file is told at once, in the order of their places, and only the bad rules are left out.
TEST(Diagnostics, AllAtOnceAndOnlyBadRulesAreLeftOut) {
  const LoadedRules loaded = testing::load_text(R"({"rules": [
    {"id": "one", "name": "A", "severity": "lo", "event": "exec", "match": {"process.nam": 1, "process.pid": "x"}},
    {"id": "two", "name": "A", "severity": "low", "event": "exec"},
    {"id": "three", "name": "A", "severity": "low", "event": "exec", "mtch": {}}]})");
  ASSERT_EQ(loaded.diagnostics.size(), 4U) << testing::all_text(loaded.diagnostics);
  EXPECT_TRUE(
      std::ranges::is_sorted(loaded.diagnostics, {}, [](const Diagnostic& d) { return std::pair(d.line, d.column); }));
  ASSERT_EQ(loaded.rules->rules().size(), 1U);
  EXPECT_EQ(loaded.rules->rules()[0].id, "two");
}

TEST(Diagnostics, StayOnOneLine) {
  const LoadedRules loaded = testing::load_text("{\"a\\nb\\u001b[2J\": 1}");
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  const std::string text = loaded.diagnostics[0].to_string();
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Diagnostics, WarningsSayThatTheyAreWarnings) {
  const Diagnostic warning{Diagnostic::Level::warning, "f", 1, 2, "/p", "what", "do"};
  EXPECT_EQ(warning.to_string(), "f:1:2: warning: /p: what: do");
  const Diagnostic file{Diagnostic::Level::error, "f", 0, 0, "", "what", ""};
  EXPECT_EQ(file.to_string(), "f: what");
}

}  // namespace
}  // namespace bongsu
