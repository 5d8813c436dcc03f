// SPDX-License-Identifier: Apache-2.0
//
// What a rule set matches, its gates let pass: random rules and events, and the rules that come with the program on
// the events of their own tests.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "rules/gate_model.h"
#include "rules/pushdown.h"
#include "support/source_folder.h"
#include "unit/rules/gate_generator.h"
#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

using Json = nlohmann::json;

constexpr auto& kEvents = testing::kGatedEvents;

LoadedRules random_rules(testing::GateGenerator& random, std::size_t count) {
  Json rules = Json::array();
  for (std::size_t i = 0; i < count; ++i) {
    const EventType event = kEvents[random.pick(kEvents.size())];
    rules.push_back({{"id", "r" + std::to_string(i)},
                     {"name", "R"},
                     {"severity", "low"},
                     {"event", info(event).name},
                     {"match", random.condition(event, 3)}});
    if (event == EventType::open && random.pick(3) == 0) {
      rules.back()["event"] = random.pick(2) == 0 ? "file.modify" : "file.read";
      rules.back()["match"] = random.condition(EventType::unlink, 3);  // of what all of a family's events have
    }
  }
  LoadedRules loaded = testing::load_text(Json{{"rules", rules}}.dump(1));
  EXPECT_FALSE(loaded.has_errors()) << testing::all_text(loaded.diagnostics);
  return loaded;
}

struct Counts {
  std::size_t matched = 0;
  std::size_t kept_back = 0;
  std::size_t missed = 0;  // matched and kept back
};

Counts& operator+=(Counts& sum, const Counts& more) {
  sum.matched += more.matched;
  sum.kept_back += more.kept_back;
  sum.missed += more.missed;
  return sum;
}

Counts compare(const Ruleset& rules, const Gates& gates, const std::vector<JsonEventView>& events,
               std::string* missed) {
  Counts counts;
  for (const JsonEventView& event : events) {
    const std::vector<std::string> fired = testing::fired(rules, event);
    const bool passed = passes(gates, gate_traits(event));
    counts.matched += fired.empty() ? 0U : 1U;
    counts.kept_back += passed ? 0U : 1U;
    if (!passed && !fired.empty()) {
      ++counts.missed;
      if (missed != nullptr && missed->empty()) {
        *missed = fired.front();
      }
    }
  }
  return counts;
}

std::vector<JsonEventView> random_events(testing::GateGenerator& random, std::size_t count) {
  std::vector<JsonEventView> events;
  events.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    events.push_back(random.event(kEvents[random.pick(kEvents.size())]));
  }
  return events;
}

unsigned seed() {
  const char* const given = std::getenv("BONGSU_SEED");
  return given == nullptr ? 20261204U : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
}

TEST(PushdownRandom, WhatMatchesPasses) {
  SCOPED_TRACE("BONGSU_SEED=" + std::to_string(seed()));
  testing::GateGenerator random(seed());
  Counts sum;
  for (std::size_t round = 0; round < 600; ++round) {
    const LoadedRules loaded = random_rules(random, 1 + random.pick(round % 10 == 0 ? 150U : 4U));
    const Gates gates = derive_gates(*loaded.checked);
    std::string missed;
    const std::vector<JsonEventView> events = random_events(random, 150);
    const Counts counts = compare(*loaded.rules, gates, events, &missed);
    ASSERT_EQ(counts.missed, 0U) << "round " << round << ", rule " << missed;
    sum += counts;
  }
  EXPECT_GT(sum.matched, 1'000U);
  EXPECT_GT(sum.kept_back, 1'000U);  // the gates do something
}

// A gate that lost a lane somewhere is found out: else the test above could not fail.
TEST(PushdownRandom, AMutilatedGateIsCaught) {
  testing::GateGenerator random(7);
  std::array<std::size_t, 6> caught{};
  for (std::size_t round = 0; round < 40; ++round) {
    const LoadedRules loaded = random_rules(random, 3);
    const std::vector<JsonEventView> events = random_events(random, 150);
    const auto missed_with = [&](auto&& mutilate) {
      Gates gates = derive_gates(*loaded.checked);
      for (const EventType type : kEvents) {
        if (bongsu_gate& gate = gates.of.at(static_cast<std::size_t>(type)); gate.lanes != 0) {
          mutilate(gate);
        }
      }
      return compare(*loaded.rules, gates, events, nullptr).missed;
    };
    caught[0] += missed_with([](bongsu_gate& gate) { gate.place[0] = 0; });
    caught[1] += missed_with([](bongsu_gate& gate) { gate.outcome[1] = 0; });
    caught[2] += missed_with([](bongsu_gate& gate) { gate.open_flag[0] = 0; });
    caught[3] += missed_with([](bongsu_gate& gate) { gate.address[BONGSU_ADDRESS_IPV4_OTHER] = 0; });
    caught[4] += missed_with([](bongsu_gate& gate) {
      gate.rest[BONGSU_TRAIT_PATH] = 0;
      gate.named |= 1U << BONGSU_TRAIT_PATH;
    });
    Gates no_values = derive_gates(*loaded.checked);
    no_values.values.clear();
    caught[5] += compare(*loaded.rules, no_values, events, nullptr).missed;
  }
  for (const std::size_t count : caught) {
    EXPECT_GT(count, 0U);
  }
}

const LoadedRules& default_rules() {
  static const LoadedRules kLoaded = [] {
    const std::filesystem::path path = source_folder() / "rules";
    return load_rules({&path, 1}, 0).value();
  }();
  return kLoaded;
}

// Without the events that are kept back, each rule finds what it found.
void expect_the_same_findings(const std::function<const Gates&(const InlineTest&)>& gates_for, std::size_t& kept_back) {
  LoadedRules loaded = default_rules();
  for (InlineTest& test : loaded.tests) {
    const Gates& gates = gates_for(test);
    kept_back +=
        std::erase_if(test.events, [&](const JsonEventView& event) { return !passes(gates, gate_traits(event)); });
  }
  for (const InlineTestResult& result : run_inline_tests(loaded)) {
    EXPECT_TRUE(result.passed) << result.to_string();
  }
}

TEST(PushdownDefaultRules, FindTheSame) {
  const Gates gates = derive_gates(*default_rules().checked);
  std::size_t kept_back = 0;
  expect_the_same_findings([&](const InlineTest&) -> const Gates& { return gates; }, kept_back);
  EXPECT_GT(kept_back, 0U);
}

// And each alone: a lane that another rule opened hides nothing.
TEST(PushdownDefaultRules, FindTheSameWithGatesOfTheirOwn) {
  std::map<std::string_view, Gates> gates;
  for (const ir::Rule& rule : *default_rules().checked) {
    gates[rule.head.id] = derive_gates({&rule, 1});
  }
  std::size_t kept_back = 0;
  expect_the_same_findings([&](const InlineTest& test) -> const Gates& { return gates.at(test.rule_id); }, kept_back);
  EXPECT_GT(kept_back, 50U);
}

}  // namespace
}  // namespace bongsu
