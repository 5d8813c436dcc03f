// SPDX-License-Identifier: Apache-2.0
//
// The tests a rule carries, and the function that runs them: `"tests": [{"name": ..., "expect": "alert", "event":
// {...}}]`.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rules/json_event_view.h"

namespace bongsu {

struct LoadedRules;

struct InlineTest {
  std::string rule_id;
  std::string name;
  bool expect_alert = false;
  std::vector<JsonEventView> events;  // judged in this order
  std::uint32_t repeat = 1;           // so often, all of them
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
};

// What is judged: the events as often as the test says. One without a time of its own comes a millisecond after the one
// before, so that windows have something to measure.
[[nodiscard]] std::vector<JsonEventView> events_to_judge(const InlineTest& test);

struct InlineTestResult {
  const InlineTest* test = nullptr;  // into LoadedRules::tests
  bool passed = false;
  std::string why;  // of one that failed: the fields that decided; may be empty

  // `rules/x.json:30:5: shell-from-server: "nginx starts sh": expected an alert, got none: process.parent.name is
  // "nginxx", asked: one of "nginx", "httpd"`
  [[nodiscard]] std::string to_string() const;
};

// Judges every test's events by the whole rule set; a test passes when its own rule does what it expects.
[[nodiscard]] std::vector<InlineTestResult> run_inline_tests(const LoadedRules& loaded);

}  // namespace bongsu
