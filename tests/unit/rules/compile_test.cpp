// SPDX-License-Identifier: Apache-2.0
//
// The compiler alone, from the intermediate form: random conditions against their own predicates, and what it makes of
// conditions that an event type decides.
#include "rules/compile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <thread>

namespace bongsu {
namespace {

using Kind = ir::Condition::Kind;

ir::Test test_of(std::string_view op, std::vector<Literal> values, bool ignore_case = false) {
  ir::Test test{find_operator(op), {std::move(values), ignore_case}, nullptr};
  test.predicate = test.op->build(test.operand).value();
  return test;
}

ir::Condition field(FieldId id, std::string_view op, std::vector<Literal> values, bool ignore_case = false) {
  ir::Condition condition;
  condition.kind = Kind::field;
  condition.test = {id, ir::Quantifier::any, {test_of(op, std::move(values), ignore_case)}};
  return condition;
}

ir::Condition group(Kind kind, std::vector<ir::Condition> children) { return {kind, std::move(children), {}, {}}; }

ir::Rule rule_of(std::vector<ir::Step> steps, std::vector<ir::Condition> exceptions = {}) {
  ir::Rule rule;
  rule.steps = std::move(steps);
  rule.exceptions = std::move(exceptions);
  return rule;
}

// Shows event.action, and of the texts what its type can have.
class TextEvent final : public EventView {
 public:
  TextEvent(EventType type, std::map<FieldId, std::string> texts) : type_(type), texts_(std::move(texts)) {}
  [[nodiscard]] EventType type() const override { return type_; }
  [[nodiscard]] Value value(FieldId id) const override {
    if (id == FieldId::event_action) {
      return Value::of(info(type_).name);
    }
    const auto found = texts_.find(id);
    return found == texts_.end() || !has_field(type_, id) ? Value{} : Value::of(std::string_view(found->second));
  }

 private:
  EventType type_;
  std::map<FieldId, std::string> texts_;
};

std::vector<std::pair<std::uint32_t, std::uint32_t>> judged(const Ruleset& rules, const EventView& event) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> result;
  rules.judge(event, [&](const Match& match) { result.emplace_back(match.rule, match.step); });
  return result;
}

bool holds(const ir::Condition& condition, const EventView& event) {
  const auto child_holds = [&](const ir::Condition& child) { return holds(child, event); };
  switch (condition.kind) {
    case Kind::all:
      return std::ranges::all_of(condition.children, child_holds);
    case Kind::any:
      return std::ranges::any_of(condition.children, child_holds);
    case Kind::none:
      return std::ranges::none_of(condition.children, child_holds);
    case Kind::field:
      break;
  }
  const Value value = event.value(condition.test.field);
  return std::ranges::all_of(condition.test.tests, [&](const ir::Test& test) {
    return value.has_value() ? test.predicate->test(value) : test.predicate->without_value();
  });
}

class IrGenerator {
 public:
  static constexpr std::array kTypes{EventType::exec, EventType::open, EventType::rename, EventType::connect};

  ir::Condition condition(int depth) {
    const int kind = depth > 0 ? pick(6) : 0;
    if (kind < 2) {
      return leaf();
    }
    std::vector<ir::Condition> children;
    for (int n = pick(4); n > 0; --n) {
      children.push_back(condition(depth - 1));
    }
    return group(kind < 4 ? Kind::all : kind == 4 ? Kind::any : Kind::none, std::move(children));
  }

  ir::Rule rule() {
    std::vector<ir::Step> steps;
    for (int n = pick(5) == 0 ? 3 : 1; n > 0; --n) {
      std::vector<EventType> types;
      std::ranges::copy_if(kTypes, std::back_inserter(types), [this](EventType) { return pick(2) == 0; });
      steps.push_back({.events = types, .match = condition(3)});
    }
    std::vector<ir::Condition> exceptions;
    for (int n = pick(3); n > 0; --n) {
      exceptions.push_back(condition(1));
    }
    return rule_of(std::move(steps), std::move(exceptions));
  }

  TextEvent event() {
    std::map<FieldId, std::string> texts;
    for (const FieldId id : kFields) {
      if (pick(4) != 0) {
        texts[id] = text();
      }
    }
    return {kTypes[static_cast<std::size_t>(pick(4))], std::move(texts)};
  }

  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

 private:
  // Of every event, of some of them, and one that the type decides.
  static constexpr std::array kFields{FieldId::process_name, FieldId::process_executable, FieldId::container_id,
                                      FieldId::file_path, FieldId::destination_ip};

  std::string text() {
    static constexpr std::array<const char*, 6> kTexts{"a", "ab", "abc", "b", "Ab", "abab"};
    return kTexts[static_cast<std::size_t>(pick(6))];
  }

  ir::Condition leaf() {
    if (pick(4) == 0) {
      const auto name = std::string(info(kTypes[static_cast<std::size_t>(pick(4))]).name);
      return pick(3) == 0 ? field(FieldId::event_action, "not_in", {name, std::string("open")})
                          : field(FieldId::event_action, "eq", {name});
    }
    static constexpr std::array<const char*, 8> kOperators{"eq",       "ne",   "in",    "not_in",
                                                           "contains", "glob", "regex", "suffix"};
    const FieldId id = kFields[static_cast<std::size_t>(pick(5))];
    if (pick(6) == 0) {
      return field(id, "exists", {std::int64_t{pick(2)}});
    }
    ir::Condition result = field(id, kOperators[static_cast<std::size_t>(pick(8))], {text(), text()}, pick(3) == 0);
    if (pick(3) == 0) {
      result.test.tests.push_back(test_of("prefix", {text()}));
    }
    return result;
  }

  std::mt19937 random_{20261121};  // NOLINT(bugprone-random-generator-seed): the same each time
};

TEST(Compile, AgreesWithThePredicates) {
  IrGenerator generator;
  int matched = 0;
  for (int round = 0; round < 40; ++round) {
    std::vector<ir::Rule> rules;
    for (int n = 1 + generator.pick(150); n > 0; --n) {
      rules.push_back(generator.rule());
    }
    const auto compiled = Compiler::compile(rules);
    for (int i = 0; i < 50; ++i) {
      const TextEvent event = generator.event();
      std::vector<std::pair<std::uint32_t, std::uint32_t>> expected;
      for (std::uint32_t r = 0; r < rules.size(); ++r) {
        for (std::uint32_t s = 0; s < rules[r].steps.size(); ++s) {
          const ir::Step& step = rules[r].steps[s];
          const bool about = std::ranges::find(step.events, event.type()) != step.events.end();
          const auto excepts = [&](const ir::Condition& exception) { return holds(exception, event); };
          if (about && holds(step.match, event) && std::ranges::none_of(rules[r].exceptions, excepts)) {
            expected.emplace_back(r, s);
          }
        }
      }
      ASSERT_EQ(judged(*compiled, event), expected) << "round " << round << ", a " << info(event.type()).name;
      ASSERT_TRUE(expected.empty() || compiled->wanted().test(static_cast<std::size_t>(event.type())));
      matched += static_cast<int>(expected.size());
    }
  }
  EXPECT_GT(matched, 1'000);
}

std::set<EventType> wanted(const Ruleset& rules) {
  std::set<EventType> types;
  for (const EventInfo& event : events()) {
    if (rules.wanted().test(static_cast<std::size_t>(event.type))) {
      types.insert(event.type);
    }
  }
  return types;
}

// How a family is written: what differs between its events stands behind the event's name.
TEST(Compile, EventsThatNoneOfTheirKindCanMeetAreNotWanted) {
  const std::vector<EventType> family{EventType::exec, EventType::open, EventType::connect, EventType::rename};
  const ir::Condition match =
      group(Kind::any, {group(Kind::all, {field(FieldId::event_action, "eq", {std::string("open")}),
                                          field(FieldId::file_path, "prefix", {std::string("/etc/")})}),
                        group(Kind::all, {field(FieldId::event_action, "eq", {std::string("connect")}),
                                          field(FieldId::destination_ip, "eq", {std::string("10.0.0.1")})}),
                        group(Kind::all, {field(FieldId::event_action, "eq", {std::string("exec")}),
                                          field(FieldId::destination_ip, "exists", {std::int64_t{1}})})});
  const std::vector<ir::Rule> rules{rule_of({{.events = family, .match = match}})};
  EXPECT_EQ(wanted(*Compiler::compile(rules)), (std::set{EventType::open, EventType::connect}));
}

TEST(Compile, SilencedForAllEventsOfATypeIsNotWantedEither) {
  const std::vector<ir::Rule> rules{
      rule_of({{.events = {EventType::exec, EventType::open}, .match = group(Kind::all, {})}},
              {field(FieldId::event_action, "eq", {std::string("open")})})};
  const auto compiled = Compiler::compile(rules);
  EXPECT_EQ(wanted(*compiled), std::set{EventType::exec});
  EXPECT_EQ(judged(*compiled, TextEvent(EventType::exec, {})).size(), 1U);
  EXPECT_TRUE(judged(*compiled, TextEvent(EventType::open, {})).empty());
}

// Counts how often a field is asked for.
class CountingEvent final : public EventView {
 public:
  [[nodiscard]] EventType type() const override { return EventType::exec; }
  [[nodiscard]] Value value(FieldId id) const override {
    ++asked_[id];
    return id == FieldId::process_name ? Value::of(std::string_view("sh")) : Value{};
  }
  [[nodiscard]] int asked(FieldId id) const { return asked_[id]; }

 private:
  mutable std::map<FieldId, int> asked_;
};

TEST(Compile, WhatRulesShareIsJudgedOnce) {
  std::vector<ir::Rule> rules;
  rules.reserve(100);
  for (int i = 0; i < 100; ++i) {
    rules.push_back(rule_of(
        {{.events = {EventType::exec},
          .match =
              group(Kind::all, {field(FieldId::process_name, "in", {std::string("sh"), std::string("bash")}),
                                field(FieldId::container_id, "exists", {std::int64_t{0}}),
                                field(FieldId::process_executable, "ne", {std::string("/" + std::to_string(i))})})}}));
  }
  const CountingEvent event;
  EXPECT_EQ(judged(*Compiler::compile(rules), event).size(), 100U);
  EXPECT_EQ(event.asked(FieldId::process_name), 2);  // to find the rules, and to judge the condition
  EXPECT_EQ(event.asked(FieldId::container_id), 1);
  EXPECT_EQ(event.asked(FieldId::process_executable), 100);
}

TEST(Compile, RulesThatTheEventDoesNotCallForAreNotJudged) {
  std::vector<ir::Rule> rules;
  rules.reserve(100);
  for (int i = 0; i < 100; ++i) {
    rules.push_back(rule_of({{.events = {EventType::exec},
                              .match = group(Kind::all, {field(FieldId::container_id, "exists", {std::int64_t{0}}),
                                                         field(FieldId::process_name, "eq", {std::to_string(i)})})}}));
  }
  const CountingEvent event;
  EXPECT_TRUE(judged(*Compiler::compile(rules), event).empty());
  EXPECT_EQ(event.asked(FieldId::process_name), 1);
  EXPECT_EQ(event.asked(FieldId::container_id), 0);
}

TEST(Compile, JudgesInsideOfItsOwnCallback) {
  const std::vector<ir::Rule> rules(
      3, rule_of({{.events = {EventType::exec}, .match = field(FieldId::process_name, "eq", {std::string("a")})}}));
  const auto compiled = Compiler::compile(rules);
  const TextEvent event(EventType::exec, {{FieldId::process_name, "a"}});
  const TextEvent other(EventType::exec, {{FieldId::process_name, "b"}});
  std::vector<std::uint32_t> fired;
  compiled->judge(event, [&](const Match& match) {
    EXPECT_TRUE(judged(*compiled, other).empty());
    EXPECT_EQ(judged(*compiled, event).size(), 3U);
    fired.push_back(match.rule);
  });
  EXPECT_EQ(fired, (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(Compile, ThreadsShareARuleset) {
  std::vector<ir::Rule> rules;
  rules.reserve(200);
  for (int i = 0; i < 200; ++i) {
    rules.push_back(
        rule_of({{.events = {EventType::exec}, .match = field(FieldId::process_name, "suffix", {std::to_string(i)})}}));
  }
  const auto compiled = Compiler::compile(rules);
  const auto judge_many = [&compiled](const std::string& name, std::size_t expected) {
    const TextEvent event(EventType::exec, {{FieldId::process_name, name}});
    for (int i = 0; i < 20'000; ++i) {
      ASSERT_EQ(judged(*compiled, event).size(), expected);
    }
  };
  std::thread other(judge_many, "x199", 3);  // 9, 99, 199
  judge_many("100", 2);                      // 0, 100
  other.join();
}

}  // namespace
}  // namespace bongsu
