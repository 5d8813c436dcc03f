// SPDX-License-Identifier: Apache-2.0
#include "rules/check_absence.h"

#include <algorithm>
#include <set>

#include "rules/names.h"

namespace bongsu {
namespace {

using Kind = ir::Condition::Kind;

class Walk {
 public:
  Walk(const ir::Step& step, Report& report) : step_(step), report_(report) {}

  // `certain`: fields that have a value wherever this condition counts, because a neighbour asks for one.
  void visit(const ir::Condition& condition, bool negated, std::set<FieldId> certain) {
    if (condition.kind == Kind::field) {
      test(condition, negated, certain);
      return;
    }
    if (condition.kind == Kind::all && !negated) {
      collect(condition, certain);
    }
    for (const ir::Condition& child : condition.children) {
      visit(child, negated != (condition.kind == Kind::none), certain);
    }
  }

 private:
  // Adds the fields that a conjunction asks a value of.
  static void collect(const ir::Condition& condition, std::set<FieldId>& certain) {
    for (const ir::Condition& child : condition.children) {
      if (child.kind == Kind::field && !ir::without_value(child.test)) {
        certain.insert(child.test.field);
      } else if (child.kind == Kind::all) {
        collect(child, certain);
      }
    }
  }

  void test(const ir::Condition& condition, bool negated, const std::set<FieldId>& certain) {
    const ir::FieldTest& test = condition.test;
    const std::string name(info(test.field).name);
    const auto negating = std::ranges::find_if(test.tests, [](const ir::Test& each) { return each.op->negates; });
    if (negating != test.tests.end() && info(test.field).type == FieldType::string_list &&
        test.quantifier == ir::Quantifier::any) {
      const std::string op(negating->op->name);
      report_.warning(condition.place, op + " is true as soon as one value of " + name + " differs",
                      "for none of them write {\"every\": {\"" + op + "\": ...}}, or not");
    }
    const bool asks_existence =
        std::ranges::any_of(test.tests, [](const ir::Test& each) { return each.op->name == "exists"; });
    if (asks_existence || certain.contains(test.field) || ir::without_value(test) == negated ||
        std::ranges::none_of(step_.events, [&](EventType event) { return can_be_absent(event, test.field); })) {
      return;
    }
    const std::string what = negated ? "not" : std::string(negating->op->name);
    report_.warning(condition.place, what + " is also true of events without " + name,
                    "if that is not meant, add {\"" + name + "\": {\"exists\": true}} beside it");
  }

  const ir::Step& step_;
  Report& report_;
};

}  // namespace

void warn_about_absence(const ir::Step& step, Report& report) { Walk(step, report).visit(step.match, false, {}); }

}  // namespace bongsu
