// SPDX-License-Identifier: Apache-2.0
#include "rules/atoms.h"

#include <algorithm>
#include <functional>
#include <variant>

namespace bongsu {
namespace {

bool same(const ir::Test& left, const ir::Test& right) {
  return left.predicate == right.predicate ||
         (left.op == right.op && left.operand.ignore_case == right.operand.ignore_case &&
          left.operand.values == right.operand.values);
}

}  // namespace

std::size_t Atoms::Hash::operator()(const ir::FieldTest* test) const {
  auto hash = (static_cast<std::size_t>(test->field) << 1) | (test->quantifier == ir::Quantifier::every ? 1 : 0);
  const auto add = [&hash](std::size_t more) { hash = (hash ^ more) * 0x9e3779b97f4a7c15; };
  for (const ir::Test& each : test->tests) {
    add(std::hash<const void*>{}(each.op));
    add(each.operand.ignore_case ? 1 : 0);
    for (const Literal& value : each.operand.values) {
      add(std::hash<Literal>{}(value));
    }
  }
  return hash;
}

bool Atoms::Equal::operator()(const ir::FieldTest* left, const ir::FieldTest* right) const {
  return left->field == right->field && left->quantifier == right->quantifier &&
         std::ranges::equal(left->tests, right->tests, same);
}

AtomId Atoms::intern(const ir::FieldTest& test) {
  const auto [known, is_new] = known_.try_emplace(&test, 0);
  if (!is_new) {
    return known->second;
  }
  const auto id = static_cast<AtomId>(atoms_.size());
  const auto [found, added] = by_content_.try_emplace(&test, id);
  known->second = found->second;
  if (!added) {
    return found->second;
  }
  Atom atom;
  atom.field = test.field;
  atom.every = test.quantifier == ir::Quantifier::every;
  atom.without_value = ir::without_value(test);
  atom.dear = std::ranges::any_of(
      test.tests, [](const ir::Test& each) { return each.op->name == "glob" || each.op->name == "regex"; });
  atom.first_predicate = static_cast<std::uint32_t>(predicates_.size());
  atom.predicates = static_cast<std::uint32_t>(test.tests.size());
  for (const ir::Test& each : test.tests) {
    predicates_.push_back(each.predicate.get());
    owned_.push_back(each.predicate);
  }
  atoms_.push_back(atom);
  tests_.push_back(&test);
  return id;
}

void Atoms::seal() {
  tests_ = {};
  known_ = {};
  by_content_ = {};
}

bool Atoms::passes(const Atom& atom, const Value& value) const {
  return std::ranges::all_of(std::span(predicates_).subspan(atom.first_predicate, atom.predicates),
                             [&](const Predicate* predicate) { return predicate->test(value); });
}

bool Atoms::verdict(AtomId id, const EventView& event, VerdictMemo& memo) const {
  const Atom& atom = atoms_[id];
  const Value value = event.value(atom.field);
  if (!value.has_value()) {
    return atom.without_value;
  }
  if (atom.dear && value.kind() == Value::Kind::string) {
    return memo.verdict(id, value.string(), [&] { return passes(atom, value); });
  }
  if (!value.is_several()) {
    return passes(atom, value);
  }
  // A list without items is a field without value. For `every` the search is for one that fails.
  bool empty = true;
  const bool found = value.list().any([&](std::string_view item) {
    empty = false;
    return passes(atom, Value::of(item)) != atom.every;
  });
  return empty ? atom.without_value : found != atom.every;
}

}  // namespace bongsu
