// SPDX-License-Identifier: Apache-2.0
//
// A rule that changes another: {"extends": "shell-from-server", "enabled": false}.
#include <array>

#include "rules/check_rule.h"
#include "rules/families.h"

namespace bongsu {
namespace {

constexpr std::array<std::string_view, 8> kExtensionKeys{"extends",  "enabled",    "severity",   "tags",
                                                         "throttle", "exceptions", "match_also", "tests"};

// The step asks for that too.
void also(ir::Step& step, ir::Condition path, ir::Condition target) {
  using Kind = ir::Condition::Kind;
  const auto both = [](ir::Condition one, ir::Condition other) {
    const ir::Place place = one.place;
    return ir::Condition{Kind::all, {std::move(one), std::move(other)}, {}, place};
  };
  if (!step.of_family) {
    step.match = both(std::move(step.match), std::move(path));
    return;
  }
  const auto asks_no_path = [](const ir::Condition& of_target) {
    return of_target.kind == Kind::any && of_target.children.empty();
  };
  if (!asks_no_path(step.of_target) || !asks_no_path(target)) {
    step.of_target = both(asks_no_path(step.of_target) ? step.of_path : std::move(step.of_target),
                          asks_no_path(target) ? path : std::move(target));
  }
  step.of_path = both(std::move(step.of_path), std::move(path));
  assemble(step);
}

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
      ir::Condition path;
      ir::Condition target;
      ask(at.member(*member), {.events = only.events}, only.of_family, path, target);
      also(only, std::move(path), std::move(target));
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
