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
  return MatchChecker(scratch, load.vocabulary, {}, load.bytes).check(Cursor(document->root()));
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
    const Cursor here = at.member(*member);
    ask(here, {.events = out.events, .earlier = earlier, .found = references}, out.of_family, out.match, out.of_target);
  }
  if (out.of_family) {
    out.guard = {ir::Condition::Kind::any, std::move(guards), {}, out.match.place};
    out.of_path = std::move(out.match);
    assemble(out);
  }
}

// `target`: where `both`, the same asked of file.target_path; an empty `any` when it does not ask for a path.
void RuleChecker::ask(const Cursor& at, MatchContext context, bool both, ir::Condition& path, ir::Condition& target) {
  target = {ir::Condition::Kind::any, {}, {}, at.place()};
  const std::size_t errors_before = report_.errors();
  MatchChecker checker(report_, load_.vocabulary, context, load_.bytes);
  path = checker.check(at);
  if (report_.errors() != errors_before) {
    return;
  }
  ir::Step step;
  step.events.assign(context.events.begin(), context.events.end());
  step.match = path;
  warn_about_absence(step, report_);
  if (both && checker.asked_for_path()) {
    std::vector<StepReference> told_already;
    context.path = FieldId::file_target_path;
    context.found = context.found == nullptr ? nullptr : &told_already;
    target = MatchChecker(report_, load_.vocabulary, context, load_.bytes).check(at);
  }
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
