// SPDX-License-Identifier: Apache-2.0
#include "rules/explain_events.h"

#include <algorithm>
#include <cstddef>

#include "rules/explain.h"
#include "rules/explain_text.h"

namespace bongsu {
namespace {

bool about(const ir::Step& step, const EventView& event) {
  return std::ranges::find(step.events, event.type()) != step.events.end();
}

const Exception* silencing(const ir::Rule& rule, const EventView& event) {
  for (std::size_t i = 0; i < rule.exceptions.size(); ++i) {
    if (judge_condition(rule.exceptions[i], event).holds) {
      return i < rule.head.exceptions.size() ? &rule.head.exceptions[i] : nullptr;
    }
  }
  return nullptr;
}

bool is_silenced(const ir::Rule& rule, const EventView& event) {
  return std::ranges::any_of(rule.exceptions,
                             [&](const ir::Condition& exception) { return judge_condition(exception, event).holds; });
}

bool meets(const ir::Rule& rule, const ir::Step& step, const EventView& event) {
  return about(step, event) && judge_condition(step.match, event).holds && !is_silenced(rule, event);
}

// Of the last event: it is the one that most tests are about.
std::string why_not_met(const ir::Rule& rule, const ir::Step& step, std::span<const JsonEventView> events) {
  for (std::size_t i = events.size(); i-- > 0;) {
    const JsonEventView& event = events[i];
    if (!about(step, event)) {
      continue;
    }
    const Verdict verdict = judge_condition(step.match, event);
    if (!verdict.holds) {
      return deciding(verdict, event);
    }
    if (const Exception* exception = silencing(rule, event)) {
      return "the exception " + exception->name + " silences it";
    }
  }
  if (events.empty()) {
    return "there is no event";
  }
  return "the event is " + std::string(info(events.back().type()).name) + ", which the rule is not about";
}

std::size_t met_by(const ir::Rule& rule, const ir::Step& step, std::span<const JsonEventView> events) {
  return static_cast<std::size_t>(
      std::ranges::count_if(events, [&](const JsonEventView& event) { return meets(rule, step, event); }));
}

std::string why_silent(const ir::Rule& rule, std::span<const JsonEventView> events) {
  for (std::size_t i = 0; i < rule.steps.size(); ++i) {
    if (met_by(rule, rule.steps[i], events) == 0) {
      const std::string step = rule.head.sequence ? "no event meets step " + std::to_string(i + 1) + ": " : "";
      return step + why_not_met(rule, rule.steps[i], events);
    }
  }
  if (rule.head.count) {
    const Count& count = *rule.head.count;
    const std::size_t met = met_by(rule, rule.steps.front(), events);
    const std::string asked =
        "asked: at least " + std::to_string(count.at_least) +
        (count.distinct == FieldId::none ? "" : " different values of " + std::string(info(count.distinct).name)) +
        " within " + duration_words(count.within_ns);
    const std::string why = met < count.at_least ? "" : " (a field of \"by\", or the time, keeps them apart)";
    return std::to_string(met) + (met == 1 ? " event meets" : " events meet") + " the match, " + asked + why;
  }
  if (rule.head.sequence) {
    return "each step is met, but not in this order, by the same \"by\" and references, and within " +
           duration_words(rule.head.sequence->within_ns);
  }
  return "";
}

}  // namespace

std::string why(const ir::Rule& rule, std::span<const JsonEventView> events, bool fired) {
  if (!rule.enabled) {
    return "the rule is switched off";
  }
  if (!fired) {
    return why_silent(rule, events);
  }
  // The last that meets the last step is the one it fires at.
  for (std::size_t i = events.size(); i-- > 0;) {
    const JsonEventView& event = events[i];
    if (const ir::Step& step = rule.steps.back(); meets(rule, step, event)) {
      return deciding(judge_condition(step.match, event), event);
    }
  }
  return "";
}

}  // namespace bongsu
