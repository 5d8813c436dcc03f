// SPDX-License-Identifier: Apache-2.0
#include "rules/inline_test.h"

#include <algorithm>

#include "base/strings.h"
#include "rules/engine.h"
#include "rules/explain_events.h"
#include "rules/rule_state.h"

namespace bongsu {

std::string InlineTestResult::to_string() const {
  std::string text = test->file + ':' + std::to_string(test->line) + ':' + std::to_string(test->column) + ": " +
                     test->rule_id + ": \"" + test->name + "\": ";
  if (passed) {
    text += "passed";
  } else {
    text += test->expect_alert ? "expected an alert, got none" : "expected none, got an alert";
    text += why.empty() ? "" : ": " + why;
  }
  std::string printable;
  append_printable(printable, text);
  return printable;
}

std::vector<JsonEventView> events_to_judge(const InlineTest& test) {
  constexpr std::int64_t kStepNs = 1'000'000;
  std::vector<JsonEventView> events;
  events.reserve(test.events.size() * test.repeat);
  std::int64_t now_ns = 0;
  for (std::uint32_t i = 0; i < test.repeat; ++i) {
    for (const JsonEventView& each : test.events) {
      const Value own = each.value(FieldId::timestamp);
      now_ns = own.has_value() ? own.integer() : now_ns + kStepNs;
      events.push_back(each);
      events.back().set_date(FieldId::timestamp, now_ns);
    }
  }
  return events;
}

std::vector<InlineTestResult> run_inline_tests(const LoadedRules& loaded) {
  const auto id_of = [](const ir::Rule& rule) -> const std::string& { return rule.head.id; };
  std::vector<InlineTestResult> results;
  results.reserve(loaded.tests.size());
  for (const InlineTest& test : loaded.tests) {
    bool fired = false;
    RuleState state(loaded.rules);
    const std::vector<JsonEventView> events = events_to_judge(test);
    for (const JsonEventView& event : events) {
      state.judge(event, [&](const Rule& rule) { fired = fired || rule.id == test.rule_id; });
    }
    InlineTestResult& result = results.emplace_back(InlineTestResult{&test, fired == test.expect_alert, {}});
    if (const auto rule = std::ranges::find(*loaded.checked, test.rule_id, id_of);
        !result.passed && rule != loaded.checked->end()) {
      result.why = why(*rule, events, fired);
    }
  }
  return results;
}

}  // namespace bongsu
