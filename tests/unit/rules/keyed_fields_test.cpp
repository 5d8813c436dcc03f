// SPDX-License-Identifier: Apache-2.0
//
// Labels and annotations as fields, wherever a rule can name one.
#include <gtest/gtest.h>

#include "events/event_json.h"
#include "rules/event_json_reader.h"
#include "rules/message.h"
#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

using testing::event_of;
using testing::file_with_match;
using testing::load_text;
using testing::matches;

TEST(KeyedFields, AreMatchedLikeAnyText) {
  const std::string event = R"({"k8s.pod.label": {"app": "web", "app.kubernetes.io/name": "shop"}})";
  EXPECT_TRUE(matches(R"({"k8s.pod.label.app": "web"})", event));
  EXPECT_TRUE(matches(R"({"k8s.pod.label.app.kubernetes.io/name": {"prefix": "sh"}})", event));
  EXPECT_TRUE(matches(R"({"k8s.pod.label.app": {"regex": "^W", "ignore_case": true}})", event));
  EXPECT_TRUE(matches(R"({"k8s.pod.label": {"exists": true}})", event));
  EXPECT_FALSE(matches(R"({"k8s.pod.label.app": "shop"})", event));
  EXPECT_FALSE(matches(R"({"k8s.pod.annotation.app": "web"})", event));
  EXPECT_FALSE(matches(R"({"k8s.pod.label.app.kubernetes": {"exists": true}})", event));
  EXPECT_TRUE(matches(R"({"k8s.pod.label.tier": {"ne": "web"}})", event));
  EXPECT_TRUE(matches(R"({"not": {"k8s.pod.label.tier": "web"}})", event));
  EXPECT_TRUE(matches(R"({"k8s.pod.label": {"exists": false}})", R"({"k8s.pod.label": {}})"));
}

TEST(KeyedFields, StandInListsMacrosAndExceptions) {
  const LoadedRules loaded = load_text(R"({
    "lists": {"teams": ["a", "b"]},
    "macros": {"ours": {"k8s.pod.label.team": "$teams"}},
    "rules": [{"id": "r", "name": "R", "severity": "low", "event": "exec", "match": {"all": ["$ours"]},
      "exceptions": [{"name": "n", "reason": "w", "match": {"k8s.pod.annotation.bongsu/quiet": "yes"}}]}]})");
  ASSERT_TRUE(loaded.diagnostics.empty()) << testing::all_text(loaded.diagnostics);
  const auto fires = [&](const std::string& event) {
    return !testing::fired(*loaded.rules, event_of(EventType::exec, event)).empty();
  };
  EXPECT_TRUE(fires(R"({"k8s.pod.label.team": "b"})"));
  EXPECT_FALSE(fires(R"({"k8s.pod.label.team": "c"})"));
  EXPECT_FALSE(fires(R"({"k8s.pod.label.team": "b", "k8s.pod.annotation.bongsu/quiet": "yes"})"));
}

std::string message(const std::string& text, const std::string& fields) {
  const EventType exec = EventType::exec;
  Rule rule;
  rule.message = parse_message(text, {&exec, 1}).value();
  return render_message(rule, event_of(exec, fields));
}

TEST(KeyedFields, StandInMessages) {
  const std::string text = "in {k8s.pod.label.app.kubernetes.io/name|k8s.pod.name|\"the host\"}";
  EXPECT_EQ(message(text, R"({"k8s.pod.label.app.kubernetes.io/name": "shop", "k8s.pod.name": "p"})"), "in shop");
  EXPECT_EQ(message(text, R"({"k8s.pod.name": "p"})"), "in p");
  EXPECT_EQ(message(text, "{}"), "in the host");
  EXPECT_EQ(message("{k8s.pod.label}", R"({"k8s.pod.label": {"b": "2", "a": "1"}})"), "a=1 b=2");
}

// What a test of a rule says is what the whole engine says: its windows and steps go by these fields.
void expect_tests_pass(const std::string& file) {
  const LoadedRules loaded = load_text(file);
  ASSERT_TRUE(loaded.diagnostics.empty()) << testing::all_text(loaded.diagnostics);
  ASSERT_FALSE(loaded.tests.empty());
  for (const InlineTestResult& result : run_inline_tests(loaded)) {
    EXPECT_TRUE(result.passed) << result.to_string();
  }
}

TEST(KeyedFields, AreCountedByAndTold) {
  expect_tests_pass(R"({"rules": [{"id": "r", "name": "R", "severity": "low", "event": "exec",
    "count": {"by": ["k8s.pod.label.app"], "distinct": "k8s.pod.label.tier", "within": "60s", "at_least": 2},
    "throttle": {"by": ["k8s.pod.label.app"], "per": "1m"},
    "tests": [
      {"name": "two tiers", "expect": "alert", "events": [
        {"k8s.pod.label.app": "a", "k8s.pod.label.tier": "1"}, {"k8s.pod.label.app": "a", "k8s.pod.label.tier": "2"}]},
      {"name": "two apps", "expect": "none", "events": [
        {"k8s.pod.label.app": "a", "k8s.pod.label.tier": "1"}, {"k8s.pod.label.app": "b", "k8s.pod.label.tier": "2"}]},
      {"name": "varied", "expect": "alert", "event": {"k8s.pod.label.app": "a"},
        "vary": {"k8s.pod.label.tier": ["1", "2"]}}]}]})");
}

TEST(KeyedFields, AreWhatStepsOfASequenceShare) {
  expect_tests_pass(R"({"rules": [{"id": "r", "name": "R", "severity": "low",
    "sequence": {"by": ["k8s.pod.label.app"], "within": "60s", "steps": [
      {"event": "connect"}, {"event": "exec", "match": {"process.name": "$1.k8s.pod.label.x.io/shell"}}]},
    "tests": [
      {"name": "as the label says", "expect": "alert", "events": [
        {"event.action": "connect", "k8s.pod.label": {"app": "a", "x.io/shell": "sh"}},
        {"event.action": "exec", "process.name": "sh", "k8s.pod.label.app": "a"}]},
      {"name": "another app", "expect": "none", "events": [
        {"event.action": "connect", "k8s.pod.label": {"app": "a", "x.io/shell": "sh"}},
        {"event.action": "exec", "process.name": "sh", "k8s.pod.label.app": "b"}]}]}]})");
}

std::string first(const std::string& file) {
  const LoadedRules loaded = load_text(file);
  return loaded.diagnostics.empty() ? "" : loaded.diagnostics.front().message + ": " + loaded.diagnostics.front().hint;
}

TEST(KeyedFields, MistakesNameTheFormWithAKey) {
  const std::string whole =
      "of k8s.pod.label as a whole a rule can only ask whether it exists: name one by its key: k8s.pod.label.app";
  EXPECT_EQ(first(file_with_match(R"({"k8s.pod.label": "web"})")), whole);
  EXPECT_EQ(first(file_with_match(R"({"k8s.pod.label": {"app": "web"}})")), whole);
  EXPECT_EQ(first(file_with_match(R"({"k8s.pod.label": {"contains": "web"}})")), whole);
  EXPECT_EQ(first(file_with_match(R"({"k8s.pod.label": "$teams"})")), whole);
  EXPECT_EQ(first(file_with_match(R"({"k8s.pod.label.": "web"})")),
            "k8s.pod.label stands without a key: name one by its key: k8s.pod.label.app");
  EXPECT_EQ(first(file_with_match(R"({"k8s.pod.annotation.a b": "web"})")),
            "no key of k8s.pod.annotation is like that: a key has letters, digits and . / - _, at most 317 of them");
  for (const char* const name : {"k8s.pod.lable.app", "k8s.pod.labels.app", "K8s.Pod.Label.app"}) {
    EXPECT_EQ(first(file_with_match("{\"" + std::string(name) + R"(": "web"})")),
              "unknown field: did you mean k8s.pod.label.app?")
        << name;
  }
  EXPECT_EQ(first(file_with_match(R"({"k8s.pod.annotations.x.io/y": "web"})")),
            "unknown field: did you mean k8s.pod.annotation.x.io/y?");
  EXPECT_EQ(first(file_with_match(R"({"k8s.pod.labels": {"exists": true}})")),
            "unknown field: did you mean k8s.pod.label?");
  EXPECT_EQ(first(file_with_match(R"({"k8s.pod.label.app": "web"})", R"("drop")")).substr(0, 49),
            "the event drop has no field k8s.pod.label.app: ev");
}

TEST(KeyedFields, CanBeAbsent) {
  EXPECT_EQ(first(file_with_match(R"({"not": {"k8s.pod.label.app": "web"}})")),
            "not is also true of events without k8s.pod.label.app: if that is not meant, add {\"k8s.pod.label.app\": "
            "{\"exists\": true}} beside it");
  EXPECT_EQ(first(file_with_match(R"({"k8s.pod.label.app": {"exists": true}, "not": {"k8s.pod.label.app": "web"}})")),
            "");
}

std::string read_and_written(const std::string& json) {
  const Result<JsonDocument> document = JsonDocument::parse(json);
  const Result<ReadEvent> read = read_event_json(document->root());
  if (!read) {
    return read.error().to_string();
  }
  std::string out;
  append_event_json(out, read->event);
  for (const std::string& name : read->unknown) {
    out += " unknown: " + name;
  }
  return out;
}

TEST(KeyedFields, AreReadNestedAndFlat) {
  const std::string same =
      R"({"event":{"action":"exec"},"k8s":{"pod":{"name":"p","label":{"app":"web","app.kubernetes.io/name":"x"}}}})";
  EXPECT_EQ(read_and_written(same), same);
  for (const char* const labels :
       {R"("k8s.pod.label.app.kubernetes.io/name": "x", "k8s.pod.label.app": "web", "k8s.pod.name": "p")",
        R"("k8s.pod": {"name": "p", "label.app": "web", "label.app.kubernetes.io/name": "x"})",
        R"("k8s": {"pod.name": "p", "pod": {"label": {"app": "web", "app.kubernetes": {"io/name": "x"}}}})",
        R"("k8s.pod.name": "p", "k8s.pod.label": {"app": "old", "app.kubernetes.io/name": "x"},
           "k8s.pod.label.app": "web", "k8s.pod.label.none": null)"}) {
    EXPECT_EQ(read_and_written(R"({"event.action": "exec", )" + std::string(labels) + "}"), same) << labels;
  }
  EXPECT_EQ(read_and_written(R"({"event.action": "exec", "k8s.pod.label.app": 7})"),
            "k8s.pod.label.app is a string, not an integer");
  EXPECT_EQ(read_and_written(R"({"event.action": "exec", "k8s.pod.label": ["a"]})"),
            "k8s.pod.label is a map of strings, not an array: write {\"app\": \"web\"}, or the key behind the name: "
            "k8s.pod.label.app");
}

// Whatever keys a log holds, no fields are made of them: only rules do that.
TEST(KeyedFields, AreNotMadeByReadingEvents) {
  for (std::size_t i = 0; i < 2 * kMaxKeyedFields; ++i) {
    const std::string key = "k8s.pod.label.read" + std::to_string(i);
    EXPECT_EQ(read_and_written(R"({"event.action": "exec", ")" + key + R"(": "x"})").substr(0, 27),
              R"({"event":{"action":"exec"},)");
  }
  EXPECT_TRUE(find_field("k8s.pod.label.there-is-room"));
}

// The last in this file, as nothing new can be named in this process afterwards.
TEST(KeyedFieldsBound, IsToldByTheChecker) {
  std::string file = R"({"rules": [{"id": "r", "name": "R", "severity": "low", "event": "exec", "match": {"any": [)";
  for (std::size_t i = 0; i <= kMaxKeyedFields; ++i) {
    file += (i == 0 ? "" : ",") + std::string("{\"k8s.pod.label.many") + std::to_string(i) + "\": \"x\"}";
  }
  EXPECT_EQ(first(file + "]}}]}"),
            "there are more than 1024 different fields with a key: all rules together, and those before a reload, can "
            "name so many labels and annotations");
}

}  // namespace
}  // namespace bongsu
