// SPDX-License-Identifier: Apache-2.0
//
// What one event has to be: `event` and `match` of a rule, or of a step of its sequence.
#include <algorithm>

#include "rules/check_absence.h"
#include "rules/check_rule.h"
#include "rules/families.h"
#include "rules/names.h"

namespace bongsu {
namespace {

// A family's own condition, which stands in the program.
ir::Condition condition_of(const Family& family, LoadContext& load) {
  const Result<JsonDocument> document = JsonDocument::parse(family.condition);
  Report scratch(std::string(family.name), *document);
  return MatchChecker(scratch, load.vocabulary, {}, load.memory_bytes).check(Cursor(document->root()));
}

}  // namespace

void RuleChecker::step(const Cursor& at, std::span<const ir::Step> earlier, std::vector<StepReference>* references,
                       ir::Step& out) {
  std::vector<ir::Condition> guards;
  if (find_member(at, "event") == nullptr) {
    report_.error(at, references == nullptr ? "the rule has no event" : "the step has no event",
                  "write \"event\": \"exec\", an array, or a family: \"process.*\"");
  } else {
    events(at.member(*find_member(at, "event")), out, guards);
  }
  out.match.place = at.place();
  if (const auto* member = find_member(at, "match")) {
    const std::size_t errors_before = report_.errors();
    out.match = match(at.member(*member), {out.events, out.of_family, earlier, references});
    if (report_.errors() == errors_before) {
      warn_about_absence(out, report_);
    }
  }
  if (!guards.empty()) {
    ir::Condition both{ir::Condition::Kind::all, {}, {}, out.match.place};
    both.children.push_back({ir::Condition::Kind::any, std::move(guards), {}, out.match.place});
    both.children.push_back(std::move(out.match));
    out.match = std::move(both);
  }
}

ir::Condition RuleChecker::match(const Cursor& at, const MatchContext& context) {
  return MatchChecker(report_, load_.vocabulary, context, load_.memory_bytes).check(at);
}

// `guards`: what an event has to be beside its type, one of them; none: nothing more.
void RuleChecker::events(const Cursor& at, ir::Step& out, std::vector<ir::Condition>& guards) {
  std::vector<EventType> whole;  // all events of the type count
  if (at.node().kind != JsonNode::Kind::array) {
    event(at, out, guards, whole);
  } else {
    if (at.node().items.empty()) {
      report_.error(at, "empty array", "name at least one event");
    }
    for (std::size_t i = 0; i < at.node().items.size(); ++i) {
      event(at.item(i), out, guards, whole);
    }
  }
  if (!guards.empty() && !whole.empty()) {
    guards.push_back(action_in(whole));
  }
}

void RuleChecker::event(const Cursor& at, ir::Step& out, std::vector<ir::Condition>& guards,
                        std::vector<EventType>& whole) {
  if (!report_.expect(at, JsonNode::Kind::string, "an event is a name")) {
    return;
  }
  const Result<std::vector<EventType>> types = resolve_event(at.node().string);
  if (!types) {
    report_.error(at, types.error());
    return;
  }
  for (const EventType type : *types) {
    if (std::ranges::find(out.events, type) == out.events.end()) {
      out.events.push_back(type);
    }
  }
  if (const Family* family = find_family(at.node().string); family != nullptr) {
    out.of_family = true;
    guards.push_back(condition_of(*family, load_));
  } else {
    whole.insert(whole.end(), types->begin(), types->end());
  }
}

}  // namespace bongsu
