// SPDX-License-Identifier: Apache-2.0
#include "rules/compile.h"

#include <utility>

namespace bongsu {

std::shared_ptr<const Ruleset> Compiler::compile(std::span<const ir::Rule> rules) {
  auto program = std::make_unique<Ruleset::Program>();
  Compiler compiler(*program);
  for (const ir::Rule& rule : rules) {
    if (!rule.enabled) {
      continue;
    }
    const auto index = static_cast<std::uint32_t>(program->rules.size());
    program->rules.push_back(rule.head);
    const ir::Condition exceptions{ir::Condition::Kind::any, rule.exceptions, {}, {}};
    const std::uint32_t silenced = compiler.emit(exceptions, kAccept, kReject);
    for (std::uint32_t step = 0; step < rule.steps.size(); ++step) {
      const std::uint32_t start = compiler.emit(rule.steps[step].match, kAccept, kReject);
      if (start == kReject) {
        continue;
      }
      for (const EventType event : rule.steps[step].events) {
        program->by_event.at(static_cast<std::size_t>(event)).push_back({{index, step}, start, silenced});
        program->wanted.set(static_cast<std::size_t>(event));
      }
    }
  }
  return std::shared_ptr<const Ruleset>(new Ruleset(std::move(program)));
}

// Emits a condition and returns where it begins. Children are emitted from the last to the first, so that each knows
// where its successor stands.
std::uint32_t Compiler::emit(const ir::Condition& condition, std::uint32_t on_true, std::uint32_t on_false) {
  using Kind = ir::Condition::Kind;
  if (condition.kind == Kind::field) {
    return emit_test(condition.test, on_true, on_false);
  }
  if (condition.kind == Kind::all) {
    std::uint32_t next = on_true;
    for (std::size_t i = condition.children.size(); i-- > 0;) {
      next = emit(condition.children[i], next, on_false);
    }
    return next;
  }
  if (condition.kind == Kind::none) {
    std::swap(on_true, on_false);
  }
  std::uint32_t next = on_false;
  for (std::size_t i = condition.children.size(); i-- > 0;) {
    next = emit(condition.children[i], on_true, next);
  }
  return next;
}

std::uint32_t Compiler::emit_test(const ir::FieldTest& test, std::uint32_t on_true, std::uint32_t on_false) {
  Step step;
  step.field = test.field;
  step.every = test.quantifier == ir::Quantifier::every;
  step.without_value = ir::without_value(test);
  step.first_predicate = static_cast<std::uint32_t>(program_.predicates.size());
  step.predicates = static_cast<std::uint32_t>(test.tests.size());
  step.on_true = on_true;
  step.on_false = on_false;
  for (const ir::Test& each : test.tests) {
    program_.predicates.push_back(each.predicate.get());
    program_.owned.push_back(each.predicate);
  }
  program_.steps.push_back(step);
  return static_cast<std::uint32_t>(program_.steps.size() - 1);
}

}  // namespace bongsu
