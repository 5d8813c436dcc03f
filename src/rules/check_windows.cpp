// SPDX-License-Identifier: Apache-2.0
//
// What a rule says about more than one event: `count`, `sequence`, `throttle`.
#include <algorithm>
#include <array>

#include "base/strings.h"
#include "rules/check_rule.h"
#include "rules/limits.h"
#include "rules/names.h"

namespace bongsu {
namespace {

constexpr std::array<std::string_view, 3> kThrottleKeys{"by", "per", "max"};
constexpr std::array<std::string_view, 4> kCountKeys{"by", "within", "distinct", "at_least"};
constexpr std::array<std::string_view, 3> kSequenceKeys{"by", "within", "steps"};
constexpr std::array<std::string_view, 2> kStepKeys{"event", "match"};

std::string_view example_of(std::string_view key) {
  if (key == "within") {
    return R"(write "within": "60s")";
  }
  return key == "steps" ? R"(write "steps": [{"event": "connect"}, {"event": "exec"}])" : R"(write "at_least": 20)";
}

}  // namespace

bool RuleChecker::required(const Cursor& at, std::string_view of, std::span<const std::string_view> keys) {
  bool good = true;
  for (const std::string_view key : keys) {
    if (find_member(at, key) == nullptr) {
      report_.error(at, std::string(of) + " has no " + std::string(key), std::string(example_of(key)));
      good = false;
    }
  }
  return good;
}

void RuleChecker::duration(const Cursor& at, std::int64_t& out_ns) {
  if (!report_.expect(at, JsonNode::Kind::string, "a time is a string such as \"60s\"")) {
    return;
  }
  if (!parse_duration_ns(at.node().string, out_ns)) {
    report_.error(at, "\"" + at.node().string + "\" is no time", "write \"200ms\", \"90s\", \"5m\" or \"1h\"");
  } else if (out_ns <= 0 || out_ns > kMaxWindowNs) {
    report_.error(at, "a window is more than 0 and at most 24h");
  }
}

void RuleChecker::number(const Cursor& at, std::int64_t least, std::int64_t most, std::uint32_t& out) {
  if (!report_.expect(at, JsonNode::Kind::integer, "a whole number stands here")) {
    return;
  }
  if (at.node().integer < least || at.node().integer > most) {
    report_.error(at, "the number is from " + std::to_string(least) + " to " + std::to_string(most));
    return;
  }
  out = static_cast<std::uint32_t>(at.node().integer);
}

void RuleChecker::fields(const Cursor& at, std::span<const EventType> events, std::vector<FieldId>& out) {
  out.clear();
  if (!report_.expect(at, JsonNode::Kind::array, "by is an array of fields")) {
    return;
  }
  if (at.node().items.size() > kMaxKeyFields) {
    report_.error(at, "more than " + std::to_string(kMaxKeyFields) + " fields");
    return;
  }
  for (std::size_t i = 0; i < at.node().items.size(); ++i) {
    const Cursor item = at.item(i);
    if (!report_.expect(item, JsonNode::Kind::string, "a field is a name")) {
      continue;
    }
    const Result<FieldId> field = resolve_single_field(item.node().string, events);
    if (!field) {
      report_.error(item, field.error());
    } else {
      out.push_back(*field);
    }
  }
}

void RuleChecker::throttle(const Cursor& at, ir::Rule& rule) {
  const auto* member = find_member(at, "throttle");
  if (member == nullptr) {
    return;
  }
  const Cursor here = at.member(*member);
  Throttle& out = rule.head.throttle;
  if (here.node().kind == JsonNode::Kind::boolean) {
    if (here.node().boolean) {
      report_.error(here, "throttle is false or an object", R"(write {"per": "60s"}; the default is "per": "10s")");
    }
    out.enabled = here.node().boolean;
    return;
  }
  if (!report_.expect(here, JsonNode::Kind::object, "throttle is false or an object")) {
    return;
  }
  keys(here, kThrottleKeys);
  out.enabled = true;
  for (const JsonNode::Member& each : member->value.members) {
    if (each.key == "by") {
      fields(here.member(each), rule.head.events, out.by);
    } else if (each.key == "per") {
      duration(here.member(each), out.per_ns);
    } else if (each.key == "max") {
      number(here.member(each), 1, kMaxThrottle, out.max);
    }
  }
}

void RuleChecker::count(const Cursor& at, ir::Rule& rule) {
  const auto* member = find_member(at, "count");
  if (member == nullptr) {
    return;
  }
  const Cursor here = at.member(*member);
  if (rule.head.sequence) {
    report_.key_error(here, "a rule has a count or a sequence, not both");
    return;
  }
  if (!report_.expect(here, JsonNode::Kind::object, "count is an object") ||
      !required(here, "count", std::array<std::string_view, 2>{"within", "at_least"})) {
    return;
  }
  keys(here, kCountKeys);
  Count& out = rule.head.count.emplace();
  for (const JsonNode::Member& each : member->value.members) {
    const Cursor value = here.member(each);
    if (each.key == "by") {
      fields(value, rule.head.events, out.by);
    } else if (each.key == "within") {
      duration(value, out.within_ns);
    } else if (each.key == "at_least") {
      number(value, 2, kMaxCount, out.at_least);
    } else if (each.key == "distinct" && report_.expect(value, JsonNode::Kind::string, "distinct is a field")) {
      const Result<FieldId> field = resolve_single_field(each.value.string, rule.head.events);
      if (!field) {
        report_.error(value, field.error());
      } else {
        out.distinct = *field;
      }
    }
  }
}

void RuleChecker::sequence(const Cursor& at, ir::Rule& rule) {
  const Cursor here = at.member(*find_member(at, "sequence"));
  for (const std::string_view key : {"event", "match"}) {
    if (const auto* member = find_member(at, key)) {
      report_.key_error(at.member(*member), std::string(key) + " stands in the steps of a sequence, not beside it");
    }
  }
  if (!report_.expect(here, JsonNode::Kind::object, "sequence is an object") ||
      !required(here, "sequence", std::array<std::string_view, 2>{"within", "steps"})) {
    return;
  }
  keys(here, kSequenceKeys);
  Sequence& out = rule.head.sequence.emplace();
  duration(here.member(*find_member(here, "within")), out.within_ns);
  sequence_steps(here.member(*find_member(here, "steps")), rule);
  if (const auto* by = find_member(here, "by")) {
    fields(here.member(*by), rule.head.events, out.by);
  }
}

void RuleChecker::sequence_steps(const Cursor& at, ir::Rule& rule) {
  if (!report_.expect(at, JsonNode::Kind::array, "steps is an array")) {
    return;
  }
  const std::size_t steps = at.node().items.size();
  if (steps < 2 || steps > kMaxSequenceSteps) {
    report_.error(at, "a sequence has from 2 to " + std::to_string(kMaxSequenceSteps) + " steps");
    return;
  }
  rule.steps.reserve(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    const Cursor here = at.item(i);
    if (!report_.expect(here, JsonNode::Kind::object, "a step is an object with event and match")) {
      continue;
    }
    keys(here, kStepKeys);
    SequenceStep& head = rule.head.sequence->steps.emplace_back();
    const std::vector<ir::Step> earlier = rule.steps;
    step(here, earlier, &head.references, rule.steps.emplace_back());
    head.events = rule.steps.back().events;
    head.of_family = rule.steps.back().of_family;
    for (const EventType event : head.events) {
      if (std::ranges::find(rule.head.events, event) == rule.head.events.end()) {
        rule.head.events.push_back(event);
      }
    }
  }
}

}  // namespace bongsu
