// SPDX-License-Identifier: Apache-2.0
//
// A rule that changes another: {"extends": "shell-from-server", "enabled": false}.
#include <array>

#include "rules/check_absence.h"
#include "rules/check_rule.h"

namespace bongsu {
namespace {

constexpr std::array<std::string_view, 8> kExtensionKeys{"extends",  "enabled",    "severity",   "tags",
                                                         "throttle", "exceptions", "match_also", "tests"};

}  // namespace

void RuleChecker::extend(const Cursor& at, ir::Rule& base) {
  const std::size_t errors_before = report_.errors();
  keys(at, kExtensionKeys);
  ir::Rule changed = base;
  flag(at, "enabled", changed.enabled);
  severity(at, false, changed.head.severity);
  strings(at, "tags", changed.head.tags);
  throttle(at, changed);
  exceptions(at, changed);
  if (const auto* member = find_member(at, "match_also")) {
    if (changed.head.sequence) {
      report_.key_error(at.member(*member), "match_also does not say which step of the sequence it is about",
                        "copy the rule under another id, and switch this one off");
    } else {
      ir::Step& only = changed.steps.front();
      ir::Condition both{ir::Condition::Kind::all, {}, {}, only.match.place};
      both.children.push_back(std::move(only.match));
      both.children.push_back(match(at.member(*member), {.events = only.events, .of_family = only.of_family}));
      only.match = std::move(both);
    }
  }
  if (find_member(at, "tests") != nullptr) {
    changed.tests.clear();  // they were about the rule as it was
    tests(at, changed);
  }
  if (report_.errors() == errors_before) {
    base = std::move(changed);
  }
}

}  // namespace bongsu
