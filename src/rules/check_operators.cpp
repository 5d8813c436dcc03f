// SPDX-License-Identifier: Apache-2.0
//
// The checker of a field's value: operators and their operands.
#include <optional>

#include "rules/check_match.h"
#include "rules/limits.h"

namespace bongsu {
namespace {

using ir::Condition;

// "eq, gt, ..." for a hint.
std::string operators_for(FieldType type) {
  std::string names;
  for (const Operator& op : operators()) {
    if ((op.types & type_bit(type)) != 0) {
      names += (names.empty() ? "" : ", ") + std::string(op.name);
    }
  }
  return names;
}

}  // namespace

Condition MatchChecker::operators(const Cursor& at, const FieldInfo& field, ir::Quantifier quantifier) {
  Condition result{Condition::Kind::field, {}, {field.id, quantifier, {}}, at.place()};
  if (!report_.expect(at, JsonNode::Kind::object, "operators stand in an object")) {
    return result;
  }
  bool ignore_case = false;
  if (const JsonNode* flag = at.node().find("ignore_case")) {
    ignore_case = flag->kind == JsonNode::Kind::boolean && flag->boolean;
  }
  const std::size_t errors_before = report_.errors();
  std::optional<Condition> every;
  bool cased = false;
  for (const JsonNode::Member& member : at.node().members) {
    const Cursor here = at.member(member);
    if (member.key == "ignore_case") {
      report_.expect(here, JsonNode::Kind::boolean, "ignore_case is true or false");
      continue;
    }
    if (member.key == "every" && quantifier == ir::Quantifier::any) {
      if (field.type != FieldType::string_list) {
        report_.key_error(here, "every is for fields with several values; " + std::string(field.name) + " has one",
                          "write the operators without it");
      } else {
        every = operators(here, field, ir::Quantifier::every);
      }
      continue;
    }
    if (member.key == "every") {
      report_.key_error(here, "every stands in every", "write the operators in the first one");
      continue;
    }
    const Operator* op = find_operator(member.key);
    if (op == nullptr) {
      const std::string_view near = suggest_operator(member.key);
      report_.key_error(here, "unknown operator",
                        near.empty()
                            ? "operators of " + std::string(article_name(field.type)) + ": " + operators_for(field.type)
                            : "did you mean " + std::string(near) + "?");
      continue;
    }
    if ((op->types & type_bit(field.type)) == 0) {
      report_.key_error(here,
                        member.key + " does not fit " + std::string(field.name) + ", which is " +
                            std::string(article_name(field.type)),
                        "operators that do: " + operators_for(field.type));
      continue;
    }
    cased = cased || (op->takes_ignore_case && (kTextTypes & type_bit(field.type)) != 0);
    operand(here, field, *op, ignore_case, result.test.tests);
  }
  if (report_.errors() != errors_before) {
    return result;
  }
  if (at.node().find("ignore_case") != nullptr && !cased) {
    report_.error(at, "ignore_case stands beside an operator that compares text");
  } else if (result.test.tests.empty() && !every) {
    report_.error(at, "no operator", "operators that fit: " + operators_for(field.type));
  }
  if (!every) {
    return result;
  }
  if (result.test.tests.empty()) {
    return std::move(*every);
  }
  Condition both{Condition::Kind::all, {}, {}, at.place()};
  both.children.push_back(std::move(result));
  both.children.push_back(std::move(*every));
  return both;
}

// Reads the operand, builds the predicate and appends the test.
bool MatchChecker::operand(const Cursor& at, const FieldInfo& field, const Operator& op, bool ignore_case,
                           std::vector<ir::Test>& tests) {
  ir::Test test{&op, {{}, ignore_case}, nullptr};
  if (!literals(at, field, op, test.operand)) {
    return false;
  }
  Result<std::shared_ptr<const Predicate>> predicate = op.build(test.operand);
  if (!predicate) {
    report_.error(at, std::move(predicate.error()));
    return false;
  }
  if (!spend(at, (*predicate)->memory_bytes())) {
    return false;
  }
  test.predicate = std::move(*predicate);
  tests.push_back(std::move(test));
  return true;
}

bool MatchChecker::literals(const Cursor& at, const FieldInfo& field, const Operator& op, Operand& out) {
  const JsonNode& node = at.node();
  const std::string name(op.name);
  if (op.arity == Arity::flag) {
    out.values.emplace_back(std::int64_t{node.boolean ? 1 : 0});
    return report_.expect(at, JsonNode::Kind::boolean, name + " is true or false");
  }
  const bool reference = node.kind == JsonNode::Kind::string && is_reference(node.string);
  const bool array = node.kind == JsonNode::Kind::array;
  if (op.arity == Arity::one && (array || reference)) {
    const std::string other = op.name == "eq" ? "write in" : op.name == "ne" ? "write not_in" : "";
    report_.error(at, name + " takes one value",
                  array || !other.empty() ? other : "for the text itself write $" + node.string);
    return false;
  }
  if (op.arity == Arity::many && !array && !reference) {
    report_.error(at, name + " takes an array or a list, not " + std::string(node.kind_name()));
    return false;
  }
  if (reference) {
    return list(at, field, out);
  }
  if (!array) {
    return literal(at, field, out);
  }
  if (node.items.empty()) {
    report_.error(at, "empty array", "name at least one value");
    return false;
  }
  bool good = true;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Cursor item = at.item(i);
    const bool nested = item.node().kind == JsonNode::Kind::string && is_reference(item.node().string);
    good = (nested ? list(item, field, out) : literal(item, field, out)) && good;
  }
  return good;
}

bool MatchChecker::list(const Cursor& at, const FieldInfo& field, Operand& out) {
  const auto items = vocabulary_.lists.find(at.node().string);
  if (!items && !vocabulary_.lists.has(at.node().string) && vocabulary_.macros.find(at.node().string)) {
    report_.error(at, at.node().string.substr(1) + " is a macro, not a list",
                  "a macro is an element of all, any or not: {\"all\": [\"" + at.node().string + "\"]}");
    return false;
  }
  if (!items) {
    report_.error(at, items.error());
    return false;
  }
  for (const JsonNode* item : *items) {
    Result<Literal> value = to_literal(*item, field);
    if (!value) {
      report_.error(at, "an item of the list does not fit: " + value.error().message, value.error().hint);
      return false;
    }
    if (auto* text = std::get_if<std::string>(&*value)) {
      *text = unescape_reference(*text);
    }
    out.values.push_back(std::move(*value));
  }
  return true;
}

bool MatchChecker::literal(const Cursor& at, const FieldInfo& field, Operand& out) {
  Result<Literal> value = to_literal(at.node(), field);
  if (!value) {
    report_.error(at, std::move(value.error()));
    return false;
  }
  if (auto* text = std::get_if<std::string>(&*value)) {
    *text = unescape_reference(*text);
  }
  out.values.push_back(std::move(*value));
  return true;
}

bool ConditionBytes::too_many() const { return all > kMaxMatchBytes || rule > kMaxRuleMatchBytes; }

bool MatchChecker::spend(const Cursor& at, std::size_t bytes) {
  bytes_.add(bytes);
  if (!bytes_.too_many()) {
    return true;
  }
  const bool all = bytes_.all > kMaxMatchBytes;
  report_.error(at,
                std::string("the conditions of ") + (all ? "all rules together" : "one rule") + " need more than " +
                    std::to_string((all ? kMaxMatchBytes : kMaxRuleMatchBytes) >> 20) + " MiB",
                "use fewer regexes, or shorter lists");
  return false;
}

}  // namespace bongsu
