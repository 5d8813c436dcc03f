// SPDX-License-Identifier: Apache-2.0
//
// The checker of `match`: JSON to a Condition, every error told.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "rules/ir.h"
#include "rules/macros.h"
#include "rules/report.h"

namespace bongsu {

// What a condition is about.
struct MatchContext {
  std::span<const EventType> events;            // empty: of any event
  FieldId path = FieldId::file_path;            // what file.path means
  std::span<const ir::Step> earlier = {};       // steps that "$1.file.path" may name
  std::vector<StepReference>* found = nullptr;  // where such references go; null: they are errors
};

// What conditions hold, roughly and at most.
struct ConditionBytes {
  std::size_t all = 0;   // of the whole load
  std::size_t rule = 0;  // of these: of the rule that is being checked
  void add(std::size_t bytes) {
    all += bytes;
    rule += bytes;
  }
  [[nodiscard]] bool too_many() const;
};

class MatchChecker {
 public:
  // `bytes` is bounded for each rule and over the whole load.
  MatchChecker(Report& report, const Vocabulary& vocabulary, MatchContext context, ConditionBytes& bytes)
      : report_(report), vocabulary_(vocabulary), context_(context), bytes_(bytes) {}

  // What comes back after an error is told is not to be used.
  [[nodiscard]] ir::Condition check(const Cursor& match) { return object(match, 0); }
  // Whether it asked for file.path.
  [[nodiscard]] bool asked_for_path() const { return asked_for_path_; }
  // The same for the condition of a macro, "$name".
  [[nodiscard]] ir::Condition check(const Cursor& match, std::string_view macro) {
    open_macros_.push_back(macro);
    return object(match, 0);
  }

 private:
  ir::Condition object(const Cursor& at, std::size_t depth);
  ir::Condition group(const Cursor& at, ir::Condition::Kind kind, std::size_t depth);
  ir::Condition element(const Cursor& at, std::size_t depth);
  ir::Condition macro(const Cursor& at, std::size_t depth);
  ir::Condition field(const Cursor& at, std::string_view name, std::size_t depth);
  ir::Condition field_value(const Cursor& at, const FieldInfo& field);
  ir::Condition reference(const Cursor& at, const FieldInfo& field, std::size_t depth);
  ir::Condition operators(const Cursor& at, const FieldInfo& field, ir::Quantifier quantifier);
  bool operand(const Cursor& at, const FieldInfo& field, const Operator& op, bool ignore_case,
               std::vector<ir::Test>& tests);
  bool literals(const Cursor& at, const FieldInfo& field, const Operator& op, Operand& out);
  bool list(const Cursor& at, const FieldInfo& field, Operand& out);
  bool literal(const Cursor& at, const FieldInfo& field, Operand& out);
  bool spend(const Cursor& at, std::size_t bytes);

  Report& report_;
  const Vocabulary& vocabulary_;
  MatchContext context_;
  ConditionBytes& bytes_;
  bool asked_for_path_ = false;
  std::vector<std::string_view> open_macros_;  // those that this condition stands in
};

}  // namespace bongsu
