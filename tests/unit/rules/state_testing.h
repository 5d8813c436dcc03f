// SPDX-License-Identifier: Apache-2.0
//
// Rules that remember, made without a file, and events at a time.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rules/compile.h"
#include "rules/rule_state.h"
#include "support/fake_event.h"

namespace bongsu::testing {

inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kStart = 1'795'246'460 * kSecond;

inline ir::Rule rule_about(std::string id, std::vector<std::vector<EventType>> steps) {
  ir::Rule rule;
  rule.head.id = std::move(id);
  for (std::vector<EventType>& events : steps) {
    rule.steps.emplace_back().events = std::move(events);
  }
  return rule;
}

// Counts execs.
inline ir::Rule counting(std::string id, Count count) {
  ir::Rule rule = rule_about(std::move(id), {{EventType::exec}});
  rule.head.count = std::move(count);
  return rule;
}

// The steps' events are those of the sequence.
inline ir::Rule following(std::string id, Sequence sequence) {
  std::vector<std::vector<EventType>> events;
  events.reserve(sequence.steps.size());
  for (const SequenceStep& step : sequence.steps) {
    events.push_back(step.events);
  }
  ir::Rule rule = rule_about(std::move(id), std::move(events));
  rule.head.sequence = std::move(sequence);
  return rule;
}

inline FakeEvent at(double seconds, EventType type = EventType::exec) {
  FakeEvent event(type);
  event.date(FieldId::timestamp, kStart + static_cast<std::int64_t>(seconds * kSecond));
  return event;
}

inline std::shared_ptr<const Ruleset> compiled(const std::vector<ir::Rule>& rules) { return Compiler::compile(rules); }

// The ids of the rules that fire, each followed by a space.
inline std::string fires(RuleState& state, const EventView& event) {
  std::string ids;
  state.judge(event, [&](const Rule& rule) { ids += rule.id + ' '; });
  return ids;
}

}  // namespace bongsu::testing
