// SPDX-License-Identifier: Apache-2.0
//
// The checker of `match`: JSON to a Condition, every error told.
#pragma once

#include <cstddef>
#include <span>

#include "rules/ir.h"
#include "rules/lists.h"
#include "rules/report.h"

namespace bongsu {

class MatchChecker {
 public:
  // `memory_bytes` counts what all rules' operands hold and is bounded over the whole load.
  MatchChecker(Report& report, const Lists& lists, std::span<const EventType> events, std::size_t& memory_bytes)
      : report_(report), lists_(lists), events_(events), memory_bytes_(memory_bytes) {}

  // What comes back after an error is told is not to be used.
  [[nodiscard]] ir::Condition check(const Cursor& match) { return object(match, 0); }

 private:
  ir::Condition object(const Cursor& at, std::size_t depth);
  ir::Condition group(const Cursor& at, ir::Condition::Kind kind, std::size_t depth);
  ir::Condition field(const Cursor& at, std::string_view name);
  ir::Condition operators(const Cursor& at, const FieldInfo& field, ir::Quantifier quantifier);
  bool operand(const Cursor& at, const FieldInfo& field, const Operator& op, bool ignore_case,
               std::vector<ir::Test>& tests);
  bool literals(const Cursor& at, const FieldInfo& field, const Operator& op, Operand& out);
  bool list(const Cursor& at, const FieldInfo& field, Operand& out);
  bool literal(const Cursor& at, const FieldInfo& field, Operand& out);

  Report& report_;
  const Lists& lists_;
  std::span<const EventType> events_;
  std::size_t& memory_bytes_;
};

}  // namespace bongsu
