// SPDX-License-Identifier: Apache-2.0
//
// The hot path: one event against the rules of its type.
#include <algorithm>
#include <span>

#include "rules/program.h"

namespace bongsu {
namespace {

bool passes(std::span<const Predicate* const> predicates, const Value& value) {
  return std::ranges::all_of(predicates, [&](const Predicate* predicate) { return predicate->test(value); });
}

bool verdict(const Step& step, std::span<const Predicate* const> predicates, const EventView& event) {
  const Value value = event.value(step.field);
  if (!value.has_value()) {
    return step.without_value;
  }
  if (value.kind() != Value::Kind::string_list) {
    return passes(predicates, value);
  }
  // A list without items is a field without value. For `every` the search is for one that fails.
  bool empty = true;
  const bool found = value.list().any([&](std::string_view item) {
    empty = false;
    return passes(predicates, Value::of(item)) != step.every;
  });
  return empty ? step.without_value : found != step.every;
}

}  // namespace

Ruleset::Ruleset(std::unique_ptr<Program> program) : program_(std::move(program)) {}
Ruleset::~Ruleset() = default;

std::span<const Rule> Ruleset::rules() const { return program_->rules; }

const std::bitset<kEventCount>& Ruleset::wanted() const { return program_->wanted; }

void Ruleset::judge(const EventView& event, const std::function<void(const Match&)>& on_match) const {
  const auto type = static_cast<std::size_t>(event.type());
  if (type >= program_->by_event.size()) {
    return;
  }
  const std::span<const Predicate* const> predicates(program_->predicates);
  const auto walk = [&](std::uint32_t at) {
    while (at < kReject) {
      const Step& step = program_->steps[at];
      const bool yes = verdict(step, predicates.subspan(step.first_predicate, step.predicates), event);
      at = yes ? step.on_true : step.on_false;
    }
    return at == kAccept;
  };
  for (const Entry& entry : program_->by_event[type]) {
    if (walk(entry.start) && !walk(entry.exceptions)) {
      on_match(entry.match);
    }
  }
}

}  // namespace bongsu
