// SPDX-License-Identifier: Apache-2.0
//
// What rules are made of besides a match: macros, families, exceptions, rules that change others.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rules/inline_test.h"
#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

using testing::event_of;
using testing::fired;
using testing::load_text;

constexpr std::int64_t kNoon20261121Ns = 1'795'262'400'000'000'000;

std::string file(const std::string& rules, const std::string& more = {}) {
  return "{" + more + "\"rules\": [" + rules + "]}";
}

std::string rule(const std::string& id, const std::string& members) {
  return R"({"id": ")" + id + R"(", "name": "N", "severity": "low", )" + members + "}";
}

LoadedRules good(const std::string& text) {
  LoadedRules loaded = load_text(text);
  EXPECT_FALSE(loaded.has_errors()) << testing::all_text(loaded.diagnostics);
  return loaded;
}

using Ids = std::vector<std::string>;

TEST(Language, AMacroStandsForItsCondition) {
  const LoadedRules loaded =
      good(file(rule("both", R"("event": "exec", "match": {"all": ["$boxed"], "not": "$shell"})") + "," +
                    rule("one", R"("event": "exec", "match": {"any": ["$shell", "$boxed"]})"),
                R"("lists": {"shells": ["sh"]}, "macros": {"boxed": {"container.id": {"exists": true}},
          "shell": {"any": [{"process.name": "$shells"}, "$ash"]}, "ash": {"process.name": "ash"}},)"));
  const auto ids = [&](const std::string& fields) { return fired(*loaded.rules, event_of(EventType::exec, fields)); };
  EXPECT_EQ(ids(R"({"container.id": "c", "process.name": "ls"})"), (Ids{"both", "one"}));
  EXPECT_EQ(ids(R"({"container.id": "c", "process.name": "ash"})"), Ids{"one"});
  EXPECT_EQ(ids(R"({"process.name": "sh"})"), Ids{"one"});
  EXPECT_EQ(ids(R"({"process.name": "ls"})"), Ids{});
}

TEST(Language, ModifyIsEveryWayToChangeAFile) {
  const LoadedRules loaded = good(file(rule("r", R"("event": "file.modify", "match": {"file.path": "/etc/passwd"})")));
  const auto fires = [&](EventType type, const std::string& fields) {
    return !fired(*loaded.rules, event_of(type, "{" + fields + "}")).empty();
  };
  const std::string path = R"("file.path": "/etc/passwd")";
  EXPECT_TRUE(fires(EventType::open, path + R"(, "file.open_flags": ["write"])"));
  EXPECT_TRUE(fires(EventType::open, path + R"(, "file.open_flags": ["read", "truncate"])"));
  EXPECT_FALSE(fires(EventType::open, path + R"(, "file.open_flags": ["read", "create"])"));
  EXPECT_TRUE(fires(EventType::chmod, path));
  EXPECT_TRUE(fires(EventType::rename, path));
  EXPECT_TRUE(fires(EventType::rename, R"("file.path": "/tmp/x", "file.target_path": "/etc/passwd")"));
  EXPECT_TRUE(fires(EventType::io_uring, path + R"(, "io_uring.operation": "OPENAT")"));
  EXPECT_FALSE(fires(EventType::io_uring, path + R"(, "io_uring.operation": "UNLINKAT")"));
  // A symlink's target_path is text in it, no file that changes.
  EXPECT_FALSE(fires(EventType::symlink, R"("file.path": "/tmp/x", "file.target_path": "/etc/passwd")"));
  EXPECT_FALSE(loaded.rules->wanted().test(static_cast<std::size_t>(EventType::unlink)));
}

TEST(Language, AFamilyAndAPlainEventOfTheSameKind) {
  const LoadedRules loaded = good(file(rule("r", R"("event": ["file.modify", "open"])")));
  EXPECT_EQ(fired(*loaded.rules, event_of(EventType::open, R"({"file.open_flags": ["read"]})")), Ids{"r"});
  const LoadedRules read = good(file(rule("r", R"("event": ["file.modify", "file.read"])")));
  EXPECT_EQ(fired(*read.rules, event_of(EventType::open, R"({"file.open_flags": ["read"]})")), Ids{"r"});
  EXPECT_EQ(fired(*read.rules, event_of(EventType::open, R"({"file.open_flags": ["path"]})")), Ids{});
}

// What is asked of a file is asked of one path at a time: a path that is left out does not hide the other.
TEST(Language, EachPathIsJudgedByItself) {
  const LoadedRules loaded =
      good(file(rule("not", R"("event": "file.modify", "match": {"file.path": {"prefix": "/etc/"},
                     "not": {"file.path": {"suffix": ".sample"}}})") +
                "," + rule("except", R"("event": "file.modify", "match": {"file.path": {"prefix": "/etc/"}},
           "exceptions": [{"name": "n", "reason": "r", "match": {"file.path": {"prefix": "/etc/app/"}}}])") +
                R"(, {"extends": "except", "match_also": {"file.path": {"ne": "/etc/boring"}}})"));
  const auto renamed = [&](const std::string& from, const std::string& to) {
    return fired(*loaded.rules, event_of(EventType::rename,
                                         R"({"file.path": ")" + from + R"(", "file.target_path": ")" + to + R"("})"));
  };
  EXPECT_EQ(renamed("/etc/hook.sample", "/etc/hook"), (Ids{"not", "except"}));
  EXPECT_EQ(renamed("/etc/app/x", "/etc/passwd"), (Ids{"not", "except"}));
  EXPECT_EQ(renamed("/etc/passwd", "/etc/app/x"), (Ids{"not", "except"}));
  EXPECT_EQ(renamed("/tmp/x", "/etc/app/x"), Ids{"not"});
  EXPECT_EQ(renamed("/etc/app/x", "/tmp/x"), Ids{"not"});
  EXPECT_EQ(renamed("/tmp/x", "/etc/hook.sample"), Ids{"except"});
  EXPECT_EQ(renamed("/tmp/x", "/etc/boring"), Ids{"not"});
  EXPECT_EQ(renamed("/tmp/x", "/tmp/y"), Ids{});
}

TEST(Language, ABadRuleDoesNotChangeAnother) {
  const LoadedRules loaded =
      load_text(file(rule("bad", R"("event": "exec", "match": {"process.nmae": "x"})") + "," +
                     rule("good", R"("event": "file.modify", "match": {"file.path": "/etc/ld.so.preload"})")));
  EXPECT_EQ(fired(*loaded.rules,
                  event_of(EventType::rename, R"({"file.path": "/x", "file.target_path": "/etc/ld.so.preload"})")),
            Ids{"good"});
}

TEST(Language, ARuleThatAsksTooMuchTakesNothingFromOthers) {
  std::string regexes = "\"a0\"";
  for (int i = 1; i < 600; ++i) {
    regexes += ",\"a" + std::to_string(i) + '"';
  }
  const LoadedRules loaded =
      load_text(file(rule("greedy", R"("event": "exec", "match": {"process.name": {"regex": [)" + regexes + "]}}") +
                     "," + rule("good", R"("event": "exec")")));
  ASSERT_EQ(loaded.diagnostics.size(), 1U) << testing::all_text(loaded.diagnostics);
  EXPECT_NE(loaded.diagnostics[0].message.find("one rule need more than 128 MiB"), std::string::npos);
  EXPECT_EQ(loaded.rules->rules().size(), 1U);
}

TEST(Language, ABadExtensionLeavesTheListAsItWas) {
  const LoadedRules loaded = load_text(file(rule("r", R"("event": "exec", "match": {"process.name": "$l"})"),
                                            R"("lists": {"l": ["a"]}, "extends_lists": {"l": ["b", null]},)"));
  EXPECT_TRUE(loaded.has_errors());
  EXPECT_EQ(fired(*loaded.rules, event_of(EventType::exec, R"({"process.name": "a"})")), Ids{"r"});
  EXPECT_EQ(fired(*loaded.rules, event_of(EventType::exec, R"({"process.name": "b"})")), Ids{});
}

TEST(Language, AChangeOfTheThrottleKeepsWhatItDoesNotName) {
  const LoadedRules loaded =
      good(file(rule("r", R"("event": "exec", "throttle": {"by": ["process.name"], "per": "5m", "max": 2})") +
                R"(, {"extends": "r", "throttle": {"max": 5}})"));
  const Throttle& throttle = loaded.rules->rules()[0].throttle;
  EXPECT_EQ(throttle.by, std::vector{FieldId::process_name});
  EXPECT_EQ(throttle.per_ns, 300'000'000'000);
  EXPECT_EQ(throttle.max, 5U);
}

TEST(Language, AnExceptionSilencesUntilItExpires) {
  const std::string text = file(rule("r", R"("event": "exec", "exceptions": [
      {"name": "job", "reason": "ticket", "expires": "2026-11-22", "match": {"process.name": "tar"}},
      {"name": "old", "reason": "ticket", "expires": "2026-11-21T11:00:00Z", "match": {"process.name": "cp"}}])"));
  std::vector<RuleSource> sources{{"rules.json", text}};
  const LoadedRules loaded = load_rule_sources(sources, kNoon20261121Ns);
  EXPECT_EQ(fired(*loaded.rules, event_of(EventType::exec, R"({"process.name": "tar"})")), Ids{});
  EXPECT_EQ(fired(*loaded.rules, event_of(EventType::exec, R"({"process.name": "cp"})")), Ids{"r"});
  EXPECT_EQ(fired(*loaded.rules, event_of(EventType::exec, R"({"process.name": "ls"})")), Ids{"r"});
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_EQ(loaded.diagnostics[0].level, Diagnostic::Level::warning);
  EXPECT_NE(loaded.diagnostics[0].message.find("the exception old of r has expired"), std::string::npos);
  EXPECT_EQ(loaded.expired_exceptions, 1U);
  constexpr std::int64_t kHalfADayNs = 43'200'000'000'000;
  EXPECT_EQ(loaded.next_expiry_ns, kNoon20261121Ns + kHalfADayNs);
  const LoadedRules later = load_rule_sources(sources, loaded.next_expiry_ns);
  EXPECT_EQ(fired(*later.rules, event_of(EventType::exec, R"({"process.name": "tar"})")), Ids{"r"});
  EXPECT_EQ(later.next_expiry_ns, 0);
}

TEST(Language, ALaterRuleChangesAnother) {
  std::vector<RuleSource> sources{
      {"a.json", R"({"rules": [{"extends": "late", "severity": "critical"}], "lists": {"shells": ["sh"]}})"},
      {"b.json", file(rule("late", R"("event": "exec", "match": {"process.name": "$shells"}, "tags": ["x"])") + "," +
                      rule("off", R"("event": "exec")"))},
      {"c.json", R"({"extends_lists": {"shells": ["fish", "csh"]}, "rules": [
          {"extends": "off", "enabled": false},
          {"extends": "late", "tags": ["y"], "throttle": false, "match_also": {"container.id": {"exists": true}},
           "exceptions": [{"name": "n", "reason": "r", "match": {"process.name": "csh"}}]}]})"}};
  const LoadedRules loaded = load_rule_sources(sources, 0);
  ASSERT_FALSE(loaded.has_errors()) << testing::all_text(loaded.diagnostics);
  ASSERT_EQ(loaded.rules->rules().size(), 1U);
  const Rule& late = loaded.rules->rules()[0];
  EXPECT_EQ(late.severity, Severity::critical);
  EXPECT_EQ(late.tags, (Ids{"x", "y"}));
  EXPECT_FALSE(late.throttle.enabled);
  const auto ids = [&](const std::string& fields) { return fired(*loaded.rules, event_of(EventType::exec, fields)); };
  EXPECT_EQ(ids(R"({"process.name": "fish", "container.id": "c"})"), Ids{"late"});
  EXPECT_EQ(ids(R"({"process.name": "fish"})"), Ids{});
  EXPECT_EQ(ids(R"({"process.name": "csh", "container.id": "c"})"), Ids{});
}

TEST(Language, AChangesTestsStandInsteadOfTheRules) {
  const LoadedRules loaded = good(file(rule("r", R"("event": "exec",
      "tests": [{"name": "any", "expect": "alert", "event": {}}])") +
                                       R"(, {"extends": "r", "match_also": {"process.pid": 1},
            "tests": [{"name": "another", "expect": "none", "event": {"process.pid": 2}}]})"));
  ASSERT_EQ(loaded.tests.size(), 1U);
  EXPECT_EQ(loaded.tests[0].name, "another");
  EXPECT_EQ(loaded.tests[0].rule_id, "r");
  EXPECT_TRUE(run_inline_tests(loaded)[0].passed);
}

TEST(Language, ABadChangeLeavesTheRuleAsItWas) {
  const LoadedRules loaded =
      load_text(file(rule("r", R"("event": "exec")") + R"(, {"extends": "r", "enabled": false, "severity": "loud"})"));
  EXPECT_TRUE(loaded.has_errors());
  ASSERT_EQ(loaded.rules->rules().size(), 1U);
}

TEST(Language, WindowsAreRead) {
  const LoadedRules loaded =
      good(file(rule("c", R"("event": "connect", "count": {"by": ["container.id"], "within": "60s",
                   "distinct": "destination.port", "at_least": 20})") +
                "," + rule("s", R"("sequence": {"by": ["container.id"], "within": "30s", "steps": [
          {"event": "connect"}, {"event": "file.modify", "match": {"file.path": {"prefix": "/tmp/"}}},
          {"event": "exec", "match": {"process.executable": "$2.file.path"}}]},
          "throttle": {"by": ["container.id"], "per": "1m", "max": 3})")));
  const Rule& counted = loaded.rules->rules()[0];
  ASSERT_TRUE(counted.count);
  EXPECT_EQ(counted.count->by, std::vector{FieldId::container_id});
  EXPECT_EQ(counted.count->within_ns, 60'000'000'000);
  EXPECT_EQ(counted.count->distinct, FieldId::destination_port);
  EXPECT_EQ(counted.count->at_least, 20U);
  EXPECT_EQ(counted.throttle.per_ns, 10'000'000'000);
  const Rule& sequence = loaded.rules->rules()[1];
  ASSERT_TRUE(sequence.sequence);
  ASSERT_EQ(sequence.sequence->steps.size(), 3U);
  const auto& references = sequence.sequence->steps[2].references;
  ASSERT_EQ(references.size(), 1U);
  EXPECT_EQ(references[0].field, FieldId::process_executable);
  EXPECT_EQ(references[0].step, 1U);
  EXPECT_EQ(references[0].source, FieldId::file_path);
  EXPECT_EQ(sequence.throttle.max, 3U);
  std::vector<std::uint32_t> steps;
  loaded.rules->judge(event_of(EventType::exec, "{}"), [&](const Match& match) { steps.push_back(match.step); });
  EXPECT_EQ(steps, std::vector<std::uint32_t>{2});
}

TEST(Language, TestsOfSeveralEvents) {
  const LoadedRules loaded = good(file(rule("r", R"("event": ["exec", "exit"], "match": {"process.pid": 7}, "tests": [
      {"name": "varied", "expect": "alert", "event": {"event.action": "exec"}, "vary": {"process.pid": [5, 6, 7]}},
      {"name": "several", "expect": "none", "events": [{"event.action": "exec"}, {"event.action": "exit"}], "repeat": 3}])")));
  ASSERT_EQ(loaded.tests.size(), 2U);
  EXPECT_EQ(loaded.tests[0].events.size(), 3U);
  const std::vector<JsonEventView> events = events_to_judge(loaded.tests[1]);
  ASSERT_EQ(events.size(), 6U);
  EXPECT_LT(events[0].value(FieldId::timestamp).integer(), events[1].value(FieldId::timestamp).integer());
  for (const InlineTestResult& result : run_inline_tests(loaded)) {
    EXPECT_TRUE(result.passed) << result.to_string();
  }
}

}  // namespace
}  // namespace bongsu
