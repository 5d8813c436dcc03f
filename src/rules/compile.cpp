// SPDX-License-Identifier: Apache-2.0
#include "rules/compile.h"

#include <algorithm>
#include <utility>

namespace bongsu {

std::shared_ptr<const Ruleset> Compiler::compile(std::span<const ir::Rule> rules) {
  auto program = std::make_unique<Ruleset::Program>();
  Compiler compiler(*program);
  for (const ir::Rule& rule : rules) {
    if (rule.enabled) {
      compiler.add(rule, static_cast<std::uint32_t>(program->rules.size()));
      program->rules.push_back(rule.head);
    }
  }
  compiler.finish();
  return std::shared_ptr<const Ruleset>(new Ruleset(std::move(program)));
}

void Compiler::add(const ir::Rule& rule, std::uint32_t index) {
  for (std::uint32_t number = 0; number < rule.steps.size(); ++number) {
    const ir::Step& step = rule.steps[number];
    for (const EventType type : step.events) {
      const std::uint32_t start = emit(step.match, type, kAccept, kReject);
      const std::uint32_t silenced = emit_any(rule.exceptions, type, kAccept, kReject);
      if (start == kReject || silenced == kAccept) {
        continue;
      }
      const auto at = static_cast<std::size_t>(type);
      std::vector<Entry>& entries = program_.by_event.at(at).entries;
      index_.file(step.match, type, static_cast<std::uint32_t>(entries.size()));
      entries.push_back({{index, number}, start, silenced});
      program_.wanted.set(at);
    }
  }
}

void Compiler::finish() {
  index_.build(program_.by_event);
  program_.atoms.seal();
  std::size_t most = 0;
  for (const EventProgram& event : program_.by_event) {
    most = std::max(most, event.entries.size());
  }
  program_.scratch.size(program_.atoms.size(), most);
}

std::uint32_t Compiler::emit(const ir::Condition& condition, EventType type, std::uint32_t on_true,
                             std::uint32_t on_false) {
  using Kind = ir::Condition::Kind;
  switch (condition.kind) {
    case Kind::field:
      return emit_test(condition.test, type, on_true, on_false);
    case Kind::any:
      return emit_any(condition.children, type, on_true, on_false);
    case Kind::none:
      return emit_any(condition.children, type, on_false, on_true);
    case Kind::all:
      break;
  }
  // From the last child to the first, so that each knows where its successor stands.
  std::uint32_t next = on_true;
  for (std::size_t i = condition.children.size(); i-- > 0;) {
    next = emit(condition.children[i], type, next, on_false);
  }
  return next;
}

std::uint32_t Compiler::emit_any(std::span<const ir::Condition> conditions, EventType type, std::uint32_t on_true,
                                 std::uint32_t on_false) {
  std::uint32_t next = on_false;
  for (std::size_t i = conditions.size(); i-- > 0;) {
    next = emit(conditions[i], type, on_true, next);
  }
  return next;
}

std::uint32_t Compiler::emit_test(const ir::FieldTest& test, EventType type, std::uint32_t on_true,
                                  std::uint32_t on_false) {
  if (on_true == on_false) {
    return on_true;
  }
  if (const std::optional<bool> verdict = constant(test, type)) {
    return *verdict ? on_true : on_false;
  }
  const Step step{program_.atoms.intern(test), on_true, on_false};
  const auto [found, added] = known_steps_.try_emplace(step, static_cast<std::uint32_t>(program_.steps.size()));
  if (added) {
    program_.steps.push_back(step);
  }
  return found->second;
}

std::size_t Compiler::StepHash::operator()(const Step& step) const {
  constexpr std::uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;
  const std::uint64_t places = std::uint64_t{step.on_true} << 32 | step.on_false;
  return (places * kGoldenRatio ^ step.atom) * kGoldenRatio;
}

}  // namespace bongsu
