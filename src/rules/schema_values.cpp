// SPDX-License-Identifier: Apache-2.0
//
// scalar.*, value.*: what may stand behind a field, by its type and the operator.
#include <array>
#include <limits>

#include "rules/operator.h"
#include "rules/schema_parts.h"

namespace bongsu::schema {
namespace {

struct Kind {
  std::string_view name;
  FieldType type;
};
constexpr std::array<Kind, 8> kKinds{{{"string", FieldType::string},
                                      {"string_list", FieldType::string_list},
                                      {"boolean", FieldType::boolean},
                                      {"integer", FieldType::integer},
                                      {"duration", FieldType::integer},
                                      {"size", FieldType::integer},
                                      {"date", FieldType::date},
                                      {"string_map", FieldType::string_map}}};

bool is_text(FieldType type) { return (kTextTypes & type_bit(type)) != 0; }

Json integer() {
  return {{"type", "integer"},
          {"minimum", std::numeric_limits<std::int64_t>::min()},
          {"maximum", std::numeric_limits<std::int64_t>::max()}};
}

Json integer_or(std::string_view pattern) {
  return {{"anyOf", {integer(), {{"type", "string"}, {"pattern", pattern}}}}};
}

// RFC 3339; the years are those that fit 64 bits of nanoseconds.
constexpr std::string_view kDate =
    "^(16(7[89]|[89][0-9])|1[789][0-9]{2}|2([01][0-9]{2}|2[0-5][0-9]|26[01]))-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    "[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]{1,9})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$";

constexpr std::string_view kNetwork =
    "^(((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
    "(/0*(3[0-2]|[12]?[0-9]))?|[0-9A-Fa-f.:]*:[0-9A-Fa-f.:]*(/0*(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?)$";

// What one operand of the operator is, beside being of the field's type.
Json operand(const Operator& op, const Kind& kind) {
  if (op.name == "cidr") {
    return {{"type", "string"}, {"pattern", kNetwork}};
  }
  if (op.name == "all_bits" || op.name == "any_bits") {
    return {{"allOf", {refer("scalar." + std::string(kind.name)), {{"minimum", 1}}}}};
  }
  // Empty text is part of every string: these refuse it. The others compare.
  if (op.arity == Arity::one_or_many) {
    return {{"type", "string"}, {"minLength", 1}};
  }
  if (op.arity == Arity::one && is_text(kind.type)) {
    return {{"type", "string"}, {"not", {{"pattern", kReferencePattern}}}};
  }
  return refer("scalar." + std::string(kind.name));
}

// With the text types a reference is a string like any other, if not one that their pattern knows.
Json many(const Json& one) {
  return {{"type", "array"}, {"minItems", 1}, {"items", {{"anyOf", {one, refer("list_reference")}}}}};
}

std::string_view describe(std::string_view op) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kDocs{
      {{"eq", "equals"},
       {"ne", "does not equal; true of a field without value"},
       {"in", "is one of"},
       {"not_in", "is none of; true of a field without value"},
       {"prefix", "begins with"},
       {"suffix", "ends with"},
       {"contains", "has it somewhere"},
       {"glob", "is matched as a whole: * stops at /, ** does not; ? [a-z] {a,b}"},
       {"regex", "has a match somewhere (RE2; anchor with ^ and $)"},
       {"cidr", "is an address in the network"},
       {"gt", "is greater than"},
       {"gte", "is at least"},
       {"lt", "is less than"},
       {"lte", "is at most"},
       {"all_bits", "has all these bits set"},
       {"any_bits", "has one of these bits set"}}};
  for (const auto& [name, doc] : kDocs) {
    if (name == op) {
      return doc;
    }
  }
  return op == "exists" ? "has a value, or has none" : "";
}

Json operator_schema(const Operator& op, const Kind& kind) {
  const Json one = operand(op, kind);
  Json schema;
  switch (op.arity) {
    case Arity::flag:
      schema = {{"type", "boolean"}};
      break;
    case Arity::one:
      schema = one;
      break;
    case Arity::one_or_many:
      schema = {{"anyOf", {one, many(one), refer("list_reference")}}};
      break;
    case Arity::many:
      schema = {{"anyOf", {many(one), refer("list_reference")}}};
      break;
  }
  return described(std::move(schema), describe(op.name));
}

Json operators_schema(const Kind& kind, bool with_every) {
  Json properties = Json::object();
  Json cased = Json::array();
  for (const Operator& op : operators()) {
    if ((op.types & type_bit(kind.type)) == 0) {
      continue;
    }
    properties[op.name] = operator_schema(op, kind);
    if (op.takes_ignore_case) {
      cased.push_back({{"required", {op.name}}});
    }
  }
  if (is_text(kind.type)) {
    properties["ignore_case"] = described({{"type", "boolean"}}, "Upper and lower case are alike (ASCII).");
  }
  if (with_every) {
    properties["every"] = refer("every");
  }
  Json schema = object(std::move(properties));
  schema["minProperties"] = 1;
  if (is_text(kind.type)) {
    schema["dependentSchemas"] = {{"ignore_case", {{"anyOf", std::move(cased)}}}};
  }
  return schema;
}

}  // namespace

std::string value_name(const FieldInfo& field) {
  if (field.unit == Unit::none) {
    return std::string(to_string(field.type));
  }
  return field.unit == Unit::bytes ? "size" : "duration";
}

void add_values(Json& definitions) {
  definitions["list_reference"] =
      described({{"type", "string"}, {"pattern", kReferencePattern}}, "One of the list of this name.");
  definitions["scalar.string"] = {{"type", "string"}};
  definitions["scalar.string_list"] = {{"type", "string"}};
  definitions["scalar.boolean"] = {{"type", "boolean"}};
  definitions["scalar.integer"] = integer();
  definitions["scalar.duration"] =
      described(integer_or(kDurationPattern), "\"200ms\", \"90s\", \"5m\", \"1h\", or nanoseconds");
  definitions["scalar.size"] = described(integer_or(kSizePattern), "\"64KiB\", \"1MiB\", \"1GiB\", or bytes");
  definitions["scalar.string_map"] =
      described({{"type", "object"},
                 {"propertyNames", {{"minLength", 1}}},
                 {"additionalProperties", {{"anyOf", {{{"type", "string"}}, refer("scalar.string_map")}}}}},
                "Strings by key: {\"app\": \"web\"}");
  definitions["scalar.date"] = described({{"type", "string"}, {"pattern", kDate}}, "\"2026-11-21T07:34:20Z\"");
}

void add_operators(Json& definitions) {
  for (const Kind& kind : kKinds) {
    if (kind.type == FieldType::string_map) {
      definitions["value." + std::string(kind.name)] = operators_schema(kind, false);
      continue;
    }
    const Json one = refer("scalar." + std::string(kind.name));
    definitions["value." + std::string(kind.name)] = {
        {"anyOf",
         {one, many(one), refer("list_reference"), operators_schema(kind, kind.type == FieldType::string_list)}}};
  }
  definitions["every"] = described(operators_schema({"string_list", FieldType::string_list}, false),
                                   "All values of the field, not any, pass these.");
}

}  // namespace bongsu::schema
