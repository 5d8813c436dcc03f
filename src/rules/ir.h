// SPDX-License-Identifier: Apache-2.0
//
// The intermediate form: a rule as plain data, checked, every name resolved. The checker makes it from JSON, the
// compiler makes the flat program from it; whatever else reads rules (explain, the kernel's share of the match) reads
// this.
//
// A macro is a Condition that is copied in; a family such as file.modify is one that stands beside `match`; `extends`
// edits a Rule before it is compiled. Conditions are therefore copyable, and predicates shared.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "rules/inline_test.h"
#include "rules/operator.h"
#include "rules/rule.h"

namespace bongsu::ir {

// Where something stood in its file.
struct Place {
  std::size_t offset = 0;
  std::string pointer;
};

// One operator and its operands.
struct Test {
  const Operator* op = nullptr;
  Operand operand;
  std::shared_ptr<const Predicate> predicate;
};

enum class Quantifier : std::uint8_t { any, every };

// Any value, or every value, of the field passes all tests.
struct FieldTest {
  FieldId field = FieldId::none;
  Quantifier quantifier = Quantifier::any;
  std::vector<Test> tests;
};

struct Condition {
  enum class Kind : std::uint8_t { all, any, none, field };
  Kind kind = Kind::all;
  std::vector<Condition> children;  // kinds all, any, none
  FieldTest test;                   // kind field
  Place place;
};

// The verdict of a field test on a field without value.
[[nodiscard]] inline bool without_value(const FieldTest& test) {
  for (const Test& each : test.tests) {
    if (!each.predicate->without_value()) {
      return false;
    }
  }
  return true;
}

// What one event has to be for a rule, or for one step of a sequence.
struct Step {
  std::vector<EventType> events;
  bool of_family = false;  // one like file.modify: the match is asked of each path that the event names
  Condition match;         // all of it; an empty `all` when there is none: every event
  // What `match` is made of where the step is about a family.
  Condition guard = {};      // the event belongs to it
  Condition of_path = {};    // what the rule asks, of file.path
  Condition of_target = {};  // the same of file.target_path; an empty `any` when it does not ask for a path
};

struct Rule {
  bongsu::Rule head;
  bool enabled = true;
  std::vector<Step> steps;            // one, but for a sequence
  std::vector<Condition> exceptions;  // beside head.exceptions; none of them is true where the rule fires
  std::vector<InlineTest> tests;
};

}  // namespace bongsu::ir
