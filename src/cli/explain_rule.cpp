// SPDX-License-Identifier: Apache-2.0
#include "cli/explain_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "base/strings.h"
#include "cli/rules_command.h"
#include "events/reference.h"
#include "rules/explain.h"
#include "rules/explain_text.h"
#include "rules/pushdown.h"
#include "rules/pushdown_words.h"

namespace bongsu {
namespace {

constexpr std::size_t kIndent = 2;

std::string field_names(const std::vector<FieldId>& fields) {
  std::string text;
  for (const FieldId field : fields) {
    text.append(text.empty() ? "" : ", ").append(info(field).name);
  }
  return text;
}

std::string_view cost_words(CostClass cost) {
  switch (cost) {
    case CostClass::cheap:
      return "its events are rare, or read anyway for identity";
    case CostClass::moderate:
      return "its events are attached for it, and a busy process can cause many";
    case CostClass::high:
      return "programs cause its events all the time; what the kernel cannot rule out crosses into user space";
  }
  return "";
}

std::string_view purpose(EventType event) {
  switch (event) {
    case EventType::open:
      return "rename, unlink, chmod, truncate or another event of a change, where that is enough";
    case EventType::read:
    case EventType::write:
    case EventType::close:
      return "open, rename or another event that tells it once instead of with every call";
    case EventType::mmap:
    case EventType::munmap:
    case EventType::brk:
    case EventType::mprotect:
      return "exec, memfd or ptrace, where they tell the same";
    case EventType::connect:
    case EventType::accept:
      return "dns, listen or exec of the programs in question, where they tell the same";
    default:
      return "a rarer event, where it tells the same";
  }
}

std::string narrowing(const std::vector<EventType>& costly) {
  std::string text;
  for (const EventType event : costly) {
    text += fmt::format("  instead of {}: {}\n", info(event).name, purpose(event));
  }
  return text +
         "  for all of them: run --scope containers keeps the host's events in the kernel, and\n"
         "  sensor.events_per_second bounds each container's share\n";
}

std::vector<EventType> costly_events(const ir::Rule& rule) {
  std::vector<EventType> costly;
  for (const EventType event : rule.head.events) {
    if (cost_class(event) == CostClass::high) {
      costly.push_back(event);
    }
  }
  return costly;
}

void append_hooks(std::string& out, const std::vector<EventType>& events) {
  for (const EventType event : events) {
    const std::vector<HookInfo> ladder = rungs(event);
    out += fmt::format("  {:<16} {:<9}", info(event).name, to_string(cost_class(event)));
    if (ladder.empty()) {
      out += "made by the monitor itself\n";
      continue;
    }
    std::string text;
    for (const HookInfo& hook : ladder) {
      text += fmt::format("{}rung {}: {}", text.empty() ? "" : ", else ", hook.rung, hook.attach);
    }
    out += text + "\n";
  }
}

// What of each event the kernel side is asked for, by any step.
void append_kernel_part(std::string& out, const ir::Rule& rule) {
  out += "The kernel tells only\n";
  for (const EventType event : rule.head.events) {
    std::vector<std::string> ways;
    for (std::size_t step = 0; step < rule.steps.size(); ++step) {
      if (std::ranges::find(rule.steps[step].events, event) == rule.steps[step].events.end()) {
        continue;
      }
      const Needs needs = is_gated(event) ? needs_of(rule, step, event) : Needs{Need()};
      std::ranges::transform(needs, std::back_inserter(ways), need_words);
    }
    std::string_view name = info(event).name;
    for (const std::string& way :
         ways.empty() ? std::vector<std::string>{"none: no such event meets the match"} : ways) {
      out += fmt::format("  {:<16} {}\n", name, way);
      name = "or";
    }
  }
}

// Of the rules' needs those that no path, port, user or thread narrows, and the rules that have them.
void append_crossing(std::string& out, EventType event, const std::vector<const ir::Rule*>& rules) {
  std::map<std::string, std::vector<std::string_view>> wide;
  for (const ir::Rule* rule : rules) {
    for (std::size_t step = 0; step < rule->steps.size(); ++step) {
      if (std::ranges::find(rule->steps[step].events, event) == rule->steps[step].events.end()) {
        continue;
      }
      for (const Need& need : is_gated(event) ? needs_of(*rule, step, event) : Needs{Need()}) {
        if (need.paths || !need.port.others() || !need.uid.others() || need.comms) {
          continue;
        }
        std::vector<std::string_view>& ids = wide[need_words(need)];
        if (ids.empty() || ids.back() != rule->head.id) {
          ids.emplace_back(rule->head.id);
        }
      }
    }
  }
  std::string_view name = info(event).name;
  for (const auto& [words, ids] : wide) {
    out += fmt::format("  {:<9} {}: {}\n", name, words, fmt::join(ids, " "));
    name = "";
  }
  if (wide.empty()) {
    out += fmt::format("  {:<9} only what rules name, by path, port, user or thread\n", name);
  }
}

void append_step(std::string& out, const ir::Rule& rule, std::size_t index) {
  if (rule.head.sequence) {
    out +=
        fmt::format("Step {}: {}\n", index + 1, event_names(rule.steps[index].events, rule.steps[index].events.size()));
    for (const StepReference& reference : rule.head.sequence->steps.at(index).references) {
      out += fmt::format("  {} is that of step {}'s {}\n", info(reference.field).name, reference.step + 1,
                         info(reference.source).name);
    }
  } else {
    out += "Fires when\n";
  }
  append_tree(out, rule.steps[index].match, kIndent);
}

void append_limits(std::string& out, const Rule& head) {
  if (head.count) {
    const std::string what = head.count->distinct == FieldId::none
                                 ? "events"
                                 : fmt::format("different values of {}", info(head.count->distinct).name);
    out +=
        fmt::format("At least {} {} within {}{}\n", head.count->at_least, what, duration_words(head.count->within_ns),
                    head.count->by.empty() ? "" : ", for each " + field_names(head.count->by));
  }
  if (head.sequence) {
    out += fmt::format("All steps in this order within {}{}\n", duration_words(head.sequence->within_ns),
                       head.sequence->by.empty() ? "" : ", for each " + field_names(head.sequence->by));
  }
  if (head.throttle.enabled) {
    out += fmt::format("Throttle: {} within {}{}; what is held back is told in one more alert\n",
                       counted(head.throttle.max, "alert"), duration_words(head.throttle.per_ns),
                       head.throttle.by.empty() ? "" : " for each " + field_names(head.throttle.by));
  } else {
    out += "Throttle: none, every match is an alert\n";
  }
}

void append_exceptions(std::string& out, const ir::Rule& rule) {
  for (std::size_t i = 0; i < rule.exceptions.size(); ++i) {
    out += "But not when";
    if (i < rule.head.exceptions.size()) {
      const Exception& exception = rule.head.exceptions[i];
      out += fmt::format(" ({}: {}", exception.name, exception.reason);
      if (exception.expires_ns != 0) {
        out += "; until ";
        append_timestamp(out, exception.expires_ns);
      }
      out += ')';
    }
    out += '\n';
    append_tree(out, rule.exceptions[i], kIndent);
  }
}

}  // namespace

std::string rule_in_words(const ir::Rule& rule) {
  const Rule& head = rule.head;
  std::string out = fmt::format("{}: {}\nseverity {}", head.id, head.name, to_string(head.severity));
  out += head.attack.empty() ? "" : fmt::format(", ATT&CK {}", fmt::join(head.attack, " "));
  out += head.tags.empty() ? "" : fmt::format(", tags {}", fmt::join(head.tags, " "));
  out += ", from ";
  append_printable(out, head.file);
  out += rule.enabled ? "\n" : "\nSwitched off: it is checked, but not judged.\n";
  out += head.description.empty() ? "" : head.description + "\n";
  out += '\n';
  for (std::size_t i = 0; i < rule.steps.size(); ++i) {
    append_step(out, rule, i);
  }
  append_exceptions(out, rule);
  append_limits(out, head);
  out += "\nEvents, what each costs, and where it is seen\n";
  append_hooks(out, head.events);
  const CostClass cost = cost_class(rule);
  out += fmt::format("Cost: {}: {}\n", to_string(cost), cost_words(cost));
  append_kernel_part(out, rule);
  if (cost == CostClass::high) {
    out += "To narrow it\n" + narrowing(costly_events(rule));
  }
  return out;
}

std::string rules_overview(const LoadedRules& loaded) {
  if (loaded.checked == nullptr) {
    return "0 rules\n";
  }
  constexpr std::size_t kEventsShown = 4;
  std::vector<const ir::Rule*> rules;
  std::size_t id_width = 4;
  for (const ir::Rule& rule : *loaded.checked) {
    if (rule.enabled) {
      rules.push_back(&rule);
      id_width = std::max(id_width, rule.head.id.size());
    }
  }
  std::ranges::stable_sort(rules, [](const ir::Rule* a, const ir::Rule* b) {
    return std::pair(cost_class(*b), std::string_view(a->head.id)) <
           std::pair(cost_class(*a), std::string_view(b->head.id));
  });
  std::string out = fmt::format("{:<{}}  {:<8}  {}\n", "RULE", id_width, "COST", "EVENTS");
  std::map<CostClass, std::size_t> counts;
  std::map<EventType, std::vector<const ir::Rule*>> costly;
  for (const ir::Rule* rule : rules) {
    const CostClass cost = cost_class(*rule);
    ++counts[cost];
    out += fmt::format("{:<{}}  {:<8}  {}\n", rule->head.id, id_width, to_string(cost),
                       event_names(rule->head.events, kEventsShown));
    for (const EventType event : costly_events(*rule)) {
      costly[event].push_back(rule);
    }
  }
  out += fmt::format("{}: {} cheap, {} moderate, {} high\n", counted(rules.size(), "rule"), counts[CostClass::cheap],
                     counts[CostClass::moderate], counts[CostClass::high]);
  if (costly.empty()) {
    return out;
  }
  out += "\nOf the events that programs cause all the time the kernel lets these cross, because of\n";
  std::vector<EventType> events;
  for (const auto& [event, its_rules] : costly) {
    append_crossing(out, event, its_rules);
    events.push_back(event);
  }
  return out + "To narrow them\n" + narrowing(events);
}

}  // namespace bongsu
