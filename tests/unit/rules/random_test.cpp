// SPDX-License-Identifier: Apache-2.0
//
// The engine against a naive evaluator: random rules and events.
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/rules/naive_match.h"
#include "unit/rules/rule_generator.h"
#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

using testing::RuleGenerator;
using Json = nlohmann::json;

struct Generated {
  std::vector<std::string> events;
  Json match;
};

std::string first_error(const LoadedRules& loaded) {
  const auto error = std::ranges::find(loaded.diagnostics, Diagnostic::Level::error, &Diagnostic::level);
  return error == loaded.diagnostics.end() ? "" : error->to_string();
}

// Rules about one event, or about all of them.
std::vector<Generated> generate(RuleGenerator& generator, std::size_t count, int depth) {
  std::vector<Generated> rules;
  for (std::size_t i = 0; i < count; ++i) {
    const int which = generator.pick(4);
    if (which == 3) {
      rules.push_back({{RuleGenerator::kEvents.begin(), RuleGenerator::kEvents.end()}, generator.condition("", depth)});
    } else {
      const std::string event(RuleGenerator::kEvents[static_cast<std::size_t>(which)]);
      rules.push_back({{event}, generator.condition(event, depth)});
    }
  }
  return rules;
}

LoadedRules load(const std::vector<Generated>& rules) {
  Json file = {{"rules", Json::array()}};
  for (std::size_t i = 0; i < rules.size(); ++i) {
    file["rules"].push_back({{"id", "r" + std::to_string(i)},
                             {"name", "R"},
                             {"severity", "low"},
                             {"event", rules[i].events},
                             {"match", rules[i].match}});
  }
  return testing::load_text(file.dump(1));
}

// How often a rule fired, or -1.
int compare(RuleGenerator& generator, const std::vector<Generated>& rules, int events) {
  const LoadedRules loaded = load(rules);
  EXPECT_FALSE(loaded.has_errors()) << first_error(loaded);
  EXPECT_EQ(loaded.rules->rules().size(), rules.size());
  int matched = 0;
  for (int i = 0; i < events; ++i) {
    const std::string name(RuleGenerator::kEvents[static_cast<std::size_t>(generator.pick(3))]);
    const Json event = generator.event(name);
    std::vector<std::string> expected;
    for (std::size_t r = 0; r < rules.size(); ++r) {
      if (std::ranges::find(rules[r].events, name) != rules[r].events.end() &&
          testing::naive_match(rules[r].match, event)) {
        expected.push_back("r" + std::to_string(r));
      }
    }
    matched += static_cast<int>(expected.size());
    const auto actual = testing::fired(*loaded.rules, testing::event_of(find_event(name).value(), event.dump()));
    if (actual != expected) {
      const auto [left, right] = std::ranges::mismatch(actual, expected);
      const std::string& which = left != actual.end() ? *left : right != expected.end() ? *right : actual.front();
      ADD_FAILURE() << name << ' ' << event.dump() << "\n"
                    << which << ' ' << rules[std::stoul(which.substr(1))].match.dump();
      return -1;
    }
  }
  return matched;
}

TEST(Random, EngineAgreesWithTheNaiveEvaluator) {
  RuleGenerator generator(20261121);
  constexpr int kRules = 600;
  constexpr int kEvents = 300;
  const int matched = compare(generator, generate(generator, kRules, 4), kEvents);
  // The generator makes both verdicts: a rule is about half of the events.
  EXPECT_GT(matched, kRules * kEvents / 20);
  EXPECT_LT(matched, kRules * kEvents / 2);
}

// Many small sets: each is another choice of what to look up.
TEST(Random, SoDoSmallSets) {
  RuleGenerator generator(7);
  for (int i = 0; i < 150; ++i) {
    ASSERT_GE(
        compare(generator, generate(generator, static_cast<std::size_t>(1 + generator.pick(6)), generator.pick(3)), 25),
        0);
  }
}

// Rules without groups are found by the index nearly always.
TEST(Random, SoDoFlatRules) {
  RuleGenerator generator(99);
  EXPECT_GT(compare(generator, generate(generator, 2'000, 0), 150), 0);
}

}  // namespace
}  // namespace bongsu
