// SPDX-License-Identifier: Apache-2.0
#include "rules/inline_test.h"

#include "base/strings.h"
#include "rules/engine.h"
#include "rules/rule_state.h"

namespace bongsu {

std::string InlineTestResult::to_string() const {
  std::string text = test->file + ':' + std::to_string(test->line) + ':' + std::to_string(test->column) + ": " +
                     test->rule_id + ": \"" + test->name + "\": ";
  if (passed) {
    text += "passed";
  } else {
    text += test->expect_alert ? "expected an alert, got none" : "expected none, got an alert";
  }
  std::string printable;
  append_printable(printable, text);
  return printable;
}

std::vector<InlineTestResult> run_inline_tests(const LoadedRules& loaded) {
  std::vector<InlineTestResult> results;
  results.reserve(loaded.tests.size());
  for (const InlineTest& test : loaded.tests) {
    bool fired = false;
    RuleState state(loaded.rules);
    for (const JsonEventView& event : test.events) {
      state.judge(event, [&](const Rule& rule) { fired = fired || rule.id == test.rule_id; });
    }
    results.push_back({&test, fired == test.expect_alert});
  }
  return results;
}

}  // namespace bongsu
