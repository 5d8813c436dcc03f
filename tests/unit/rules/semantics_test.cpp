// SPDX-License-Identifier: Apache-2.0
//
// What a match means around its operators: all, any, not, missing values, lists, events; and what the checker warns
// about.
#include <gtest/gtest.h>

#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

using testing::all_text;
using testing::load_text;
using testing::matches;

TEST(Semantics, FieldWithoutValue) {
  const char* const false_ones[] = {R"("a")",
                                    R"(["a"])",
                                    R"({"eq": "a"})",
                                    R"({"in": ["a"]})",
                                    R"({"prefix": "a"})",
                                    R"({"suffix": "a"})",
                                    R"({"contains": "a"})",
                                    R"({"glob": "**"})",
                                    R"({"regex": ".*"})",
                                    R"({"cidr": "0.0.0.0/0"})",
                                    R"({"exists": true})",
                                    R"({"ne": "a", "exists": true})",
                                    R"({"ne": "a", "prefix": "b"})"};
  const char* const true_ones[] = {R"({"exists": false})", R"({"ne": "a"})", R"({"not_in": ["a"]})",
                                   R"({"ne": "a", "exists": false})", R"({"ne": "a", "not_in": ["b"]})"};
  for (const char* condition : false_ones) {
    EXPECT_FALSE(matches(R"({"container.id": )" + std::string(condition) + "}", "{}")) << condition;
  }
  for (const char* condition : true_ones) {
    EXPECT_TRUE(matches(R"({"container.id": )" + std::string(condition) + "}", "{}")) << condition;
  }
  for (const char* condition : {R"({"gt": 0})", R"({"gte": 0})", R"({"lt": 0})", R"({"lte": 0})", R"({"all_bits": 1})",
                                R"({"any_bits": 1})", "0", R"({"gt": -1, "ne": 7})"}) {
    EXPECT_FALSE(matches(R"({"process.tty.char_device.major": )" + std::string(condition) + "}", "{}")) << condition;
  }
}

// A list without items is a field without value: the JSON does not show it either.
TEST(Semantics, EmptyListIsNoValue) {
  for (const char* fields : {"{}", R"({"process.args": []})"}) {
    EXPECT_FALSE(matches(R"({"process.args": {"exists": true}})", fields)) << fields;
    EXPECT_TRUE(matches(R"({"process.args": {"exists": false}})", fields)) << fields;
    EXPECT_TRUE(matches(R"({"process.args": {"ne": "a"}})", fields)) << fields;
    EXPECT_FALSE(matches(R"({"process.args": {"every": {"prefix": "a"}}})", fields)) << fields;
    EXPECT_TRUE(matches(R"({"process.args": {"every": {"ne": "a"}}})", fields)) << fields;
  }
}

TEST(Semantics, Groups) {
  const std::string event = R"({"process.name": "sh", "process.pid": 5})";
  EXPECT_TRUE(matches(R"({"process.name": "sh", "process.pid": 5})", event));
  EXPECT_FALSE(matches(R"({"process.name": "sh", "process.pid": 6})", event));
  EXPECT_TRUE(matches(R"({"any": [{"process.name": "x"}, {"process.pid": 5}]})", event));
  EXPECT_FALSE(matches(R"({"any": [{"process.name": "x"}, {"process.pid": 6}]})", event));
  EXPECT_TRUE(matches(R"({"all": [{"process.name": "sh"}, {"process.pid": 5}]})", event));
  EXPECT_FALSE(matches(R"({"all": [{"process.name": "sh"}, {"process.pid": 6}]})", event));
  EXPECT_FALSE(matches(R"({"not": {"process.name": "sh"}})", event));
  EXPECT_TRUE(matches(R"({"not": {"process.name": "sh", "process.pid": 6}})", event));
  EXPECT_FALSE(matches(R"({"not": [{"process.name": "x"}, {"process.pid": 5}]})", event));
  EXPECT_TRUE(matches(R"({"not": [{"process.name": "x"}, {"process.pid": 6}]})", event));
  EXPECT_TRUE(matches(R"({"not": {"not": {"process.name": "sh"}}})", event));
  EXPECT_TRUE(matches(
      R"({"process.pid": 5, "any": [{"not": {"process.name": "sh"}}, {"all": [{"process.name": "sh"}]}]})", event));
  EXPECT_TRUE(matches("{}", event));
}

TEST(Semantics, RuleWithoutMatchTakesEveryEventOfItsTypes) {
  const LoadedRules loaded = load_text(
      R"({"rules": [{"id": "a", "name": "A", "severity": "low", "event": ["exec", "exit"]},
                    {"id": "b", "name": "B", "severity": "low", "event": "process.*"},
                    {"id": "c", "name": "C", "severity": "low", "event": "container.*"},
                    {"id": "d", "name": "D", "severity": "low", "event": "drop"},
                    {"id": "e", "name": "E", "severity": "low", "event": ["exec", "process.*"]}]})");
  ASSERT_FALSE(loaded.has_errors()) << all_text(loaded.diagnostics);
  using Ids = std::vector<std::string>;
  EXPECT_EQ(testing::fired(*loaded.rules, JsonEventView(EventType::exec)), (Ids{"a", "b", "e"}));
  EXPECT_EQ(testing::fired(*loaded.rules, JsonEventView(EventType::exit)), (Ids{"a", "b", "e"}));
  EXPECT_EQ(testing::fired(*loaded.rules, JsonEventView(EventType::fork)), (Ids{"b", "e"}));
  EXPECT_EQ(testing::fired(*loaded.rules, JsonEventView(EventType::rename_comm)), (Ids{"b", "e"}));
  EXPECT_EQ(testing::fired(*loaded.rules, JsonEventView(EventType::container_start)), Ids{"c"});
  EXPECT_EQ(testing::fired(*loaded.rules, JsonEventView(EventType::container_stop)), Ids{"c"});
  EXPECT_EQ(testing::fired(*loaded.rules, JsonEventView(EventType::drop)), Ids{"d"});
  EXPECT_EQ(testing::fired(*loaded.rules, JsonEventView(EventType::none)), Ids{});
  EXPECT_EQ(testing::fired(*loaded.rules, JsonEventView(static_cast<EventType>(999))), Ids{});
  EXPECT_TRUE(loaded.rules->wanted().test(static_cast<std::size_t>(EventType::drop)));
  EXPECT_FALSE(loaded.rules->wanted().test(0));
}

TEST(Semantics, WantedIsWhatRulesAreAbout) {
  const LoadedRules loaded = load_text(
      R"({"rules": [{"id": "a", "name": "A", "severity": "low", "event": "exit"},
                    {"id": "b", "name": "B", "severity": "low", "event": "fork", "enabled": false}]})");
  EXPECT_TRUE(loaded.rules->wanted().test(static_cast<std::size_t>(EventType::exit)));
  EXPECT_EQ(loaded.rules->wanted().count(), 1U);
  EXPECT_EQ(loaded.rules->rules().size(), 1U);
}

TEST(Semantics, ListsMayHoldListsOfAnyFile) {
  std::vector<RuleSource> sources;
  sources.push_back({"a.json", R"({"rules": [
      {"id": "a", "name": "A", "severity": "low", "event": "exec", "match": {"process.name": "$all"}},
      {"id": "b", "name": "B", "severity": "low", "event": "exec", "match": {"process.name": ["x", "$some"]}},
      {"id": "c", "name": "C", "severity": "low", "event": "exec", "match": {"process.name": {"prefix": "$some"}}},
      {"id": "d", "name": "D", "severity": "low", "event": "exec", "match": {"process.pid": {"not_in": "$pids"}}}]})"});
  sources.push_back({"b.json", R"({"lists": {"some": ["sh", "$$v"], "all": ["zsh", "$some"], "pids": [1, 2]}})"});
  const LoadedRules loaded = load_rule_sources(std::move(sources), 0);
  ASSERT_FALSE(loaded.has_errors()) << all_text(loaded.diagnostics);
  using Ids = std::vector<std::string>;
  const auto fired = [&](const std::string& fields) {
    return testing::fired(*loaded.rules, testing::event_of(EventType::exec, fields));
  };
  EXPECT_EQ(fired(R"({"process.name": "sh", "process.pid": 1})"), (Ids{"a", "b", "c"}));
  EXPECT_EQ(fired(R"({"process.name": "zsh", "process.pid": 3})"), (Ids{"a", "d"}));
  EXPECT_EQ(fired(R"({"process.name": "x", "process.pid": 2})"), (Ids{"b"}));
  EXPECT_EQ(fired(R"({"process.name": "$v2", "process.pid": 2})"), (Ids{"c"}));
}

struct Warned {
  const char* match;
  const char* pointer;  // of the only warning; null: none
  const char* message;
};

TEST(Semantics, WarnsWhereAMissingValueSurprises) {
  const Warned cases[] = {
      {R"({"container.id": {"ne": "a"}})", "/rules/0/match/container.id",
       "ne is also true of events without container.id"},
      {R"({"container.id": {"not_in": ["a"]}})", "/rules/0/match/container.id", "not_in is also true"},
      {R"({"not": {"container.id": "a"}})", "/rules/0/match/not/container.id", "not is also true"},
      {R"({"not": [{"process.name": "a"}, {"k8s.pod.uid": "a"}]})", "/rules/0/match/not/1/k8s.pod.uid",
       "not is also true"},
      {R"({"any": [{"process.name": "a"}, {"container.id": {"ne": "a"}}]})", "/rules/0/match/any/1/container.id",
       "ne is"},
      {R"({"not": {"not": {"container.id": {"ne": "a"}}}})", "/rules/0/match/not/not/container.id", "ne is"},
      {R"({"process.args": {"ne": "a"}})", "/rules/0/match/process.args",
       "as soon as one value of process.args differs"},
      {R"({"process.args": {"every": {"ne": "a"}}})", nullptr, ""},
      {R"({"container.id": {"ne": "a", "exists": true}})", nullptr, ""},
      {R"({"container.id": {"exists": true}, "not": {"container.id": "a"}})", nullptr, ""},
      {R"({"container.id": {"prefix": "b"}, "any": [{"not": {"container.id": "a"}}, {"process.pid": 1}]})", nullptr,
       ""},
      {R"({"not": {"container.id": {"exists": true}}})", nullptr, ""},
      {R"({"not": {"container.id": {"ne": "a"}}})", nullptr, ""},
      {R"({"container.id": "a"})", nullptr, ""},
      {R"({"process.name": {"ne": "a"}})", nullptr, ""},
  };
  for (const Warned& c : cases) {
    const LoadedRules loaded = load_text(testing::file_with_match(c.match));
    EXPECT_FALSE(loaded.has_errors()) << all_text(loaded.diagnostics);
    ASSERT_EQ(loaded.diagnostics.size(), c.pointer == nullptr ? 0U : 1U) << c.match << '\n'
                                                                         << all_text(loaded.diagnostics);
    if (c.pointer != nullptr) {
      EXPECT_EQ(loaded.diagnostics[0].pointer, c.pointer) << c.match;
      EXPECT_EQ(loaded.diagnostics[0].level, Diagnostic::Level::warning);
      EXPECT_NE(loaded.diagnostics[0].message.find(c.message), std::string::npos) << all_text(loaded.diagnostics);
    }
    EXPECT_EQ(loaded.rules->rules().size(), 1U);
  }
}

}  // namespace
}  // namespace bongsu
