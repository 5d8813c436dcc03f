// SPDX-License-Identifier: Apache-2.0
#include "cli/rules_against.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "cli/event_log.h"
#include "cli/rules_command.h"
#include "cli/text_table.h"
#include "rules/message.h"
#include "rules/rule_state.h"

namespace bongsu {
namespace {

using Json = nlohmann::ordered_json;

struct Fired {
  const Rule* rule = nullptr;
  std::uint64_t count = 0;
  std::uint64_t line = 0;  // of the first
  std::string first;       // time of the first, empty where events have none
  std::string last;
  std::string message;  // of the first
};

using Tally = std::map<std::string_view, Fired>;  // by rule id

void note(Fired& fired, const Rule& rule, const EventView& event, std::uint64_t line) {
  std::string time;
  if (const Value value = event.value(FieldId::timestamp); value.has_value()) {
    append_timestamp(time, value.integer());
  }
  if (fired.count++ == 0) {
    fired.rule = &rule;
    fired.line = line;
    fired.first = time;
    fired.message = render_message(rule, event);
  }
  fired.last = std::move(time);
}

// Most often first: that is where a false alarm hides.
std::vector<const Fired*> in_order(const Tally& tally) {
  std::vector<const Fired*> order;
  for (const auto& [id, fired] : tally) {
    order.push_back(&fired);
  }
  std::ranges::stable_sort(order, [](const Fired* a, const Fired* b) { return a->count > b->count; });
  return order;
}

std::string text(const Tally& tally, const EventLogTotals& totals, std::size_t rules) {
  constexpr std::size_t kColumns = 160;
  std::string out;
  for (const Fired* fired : in_order(tally)) {
    const std::string times = fired->first.empty()          ? ""
                              : fired->first == fired->last ? ", at " + fired->first
                                                            : ", first " + fired->first + ", last " + fired->last;
    out += fmt::format("{:>8}  {} ({}){}\n", fired->count, fired->rule->id, to_string(fired->rule->severity), times);
    out += cut_columns(
               fmt::format("          {} {}: {}", totals.recording ? "event" : "line", fired->line, fired->message),
               kColumns) +
           "\n";
  }
  for (const auto& [name, count] : totals.unknown) {
    append_printable(out, name);
    out += fmt::format(" is no field of its event, {}\n", counted(count, "time"));
  }
  out += fmt::format("{}, {} of {} fired", counted(totals.events, "event"), tally.size(), counted(rules, "rule"));
  if (totals.unreadable != 0) {
    out += fmt::format("; {} unreadable, the first at line ", counted(totals.unreadable, "line"));
    append_printable(out, totals.first_unreadable);
  }
  out += '\n';
  if (!totals.incomplete.empty()) {
    out += "the recording is not whole: ";
    append_printable(out, totals.incomplete);
    out += '\n';
  }
  return out;
}

std::string json(const Tally& tally, const EventLogTotals& totals, std::size_t rules) {
  Json list = Json::array();
  for (const Fired* fired : in_order(tally)) {
    Json entry = {{"id", fired->rule->id}, {"severity", to_string(fired->rule->severity)}, {"count", fired->count}};
    if (!fired->first.empty()) {
      entry["first"] = fired->first;
      entry["last"] = fired->last;
    }
    entry["example"] = {{"line", fired->line}, {"message", fired->message}};
    list.push_back(std::move(entry));
  }
  Json all = {
      {"events", totals.events}, {"unreadable", totals.unreadable}, {"rules", rules}, {"fired", std::move(list)}};
  if (totals.unreadable != 0) {
    all["first_unreadable"] = totals.first_unreadable;
  }
  if (!totals.unknown.empty()) {
    all["unknown_fields"] = totals.unknown;
  }
  if (!totals.incomplete.empty()) {
    all["incomplete"] = totals.incomplete;
  }
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

int test_against(const LoadedRules& loaded, const std::string& path, const std::vector<std::string>& ids,
                 bool as_json) {
  if (loaded.rules == nullptr) {
    return print_error({"no rule is left to try", "bongsu rules check shows every error"});
  }
  Tally tally;
  RuleState state(loaded.rules);
  const auto totals = read_event_log(path, [&](const EventView& event, std::uint64_t line) {
    state.judge(event, [&](const Rule& rule) {
      if (ids.empty() || std::ranges::find(ids, rule.id) != ids.end()) {
        note(tally[rule.id], rule, event, line);
      }
    });
  });
  if (!totals) {
    return print_error(totals.error());
  }
  const std::size_t rules = ids.empty() ? loaded.rules->rules().size() : ids.size();
  return print_output(as_json ? json(tally, *totals, rules) : text(tally, *totals, rules));
}

}  // namespace bongsu
