// SPDX-License-Identifier: Apache-2.0
#include "rules/schema.h"

#include <string>
#include <string_view>
#include <utility>

#include "events/keyed_field.h"
#include "rules/limits.h"
#include "rules/schema_parts.h"

namespace bongsu {
namespace schema {

Json refer(std::string_view definition) { return {{"$ref", "#/$defs/" + std::string(definition)}}; }

Json described(Json schema, std::string_view description) {
  schema["description"] = description;
  return schema;
}

const std::string& keyed_names() {
  static const std::string kNames = [] {
    std::string maps;
    for (const FieldInfo& map : map_fields()) {
      maps += maps.empty() ? "" : "|";
      for (const char c : map.name) {
        maps += c == '.' ? "\\." : std::string(1, c);
      }
    }
    return "(" + maps + ")\\.[A-Za-z0-9._/-]{1," + std::to_string(kMaxFieldKeyBytes) + "}";
  }();
  return kNames;
}

Json keyed_name() { return {{"type", "string"}, {"pattern", "^" + keyed_names() + "$"}}; }

Json with_keyed(Json object, const Json& value) {
  object["patternProperties"] = {{"^" + keyed_names() + "$", value}};
  return object;
}

Json text(std::string_view description) { return described({{"type", "string"}}, description); }

Json object(Json properties, const std::vector<std::string>& required) {
  Json schema = {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
  if (!required.empty()) {
    schema["required"] = required;
  }
  return schema;
}

namespace {

Json named(Json values, std::string_view description) {
  Json names = {{"pattern", "^[A-Za-z0-9_][A-Za-z0-9_-]*$"}};
  return {{"description", description},
          {"type", "object"},
          {"propertyNames", std::move(names)},
          {"additionalProperties", std::move(values)}};
}

Json file_properties() {
  const Json list = {{"type", "array"}, {"items", {{"type", {"string", "number", "boolean"}}}}};
  Json macro = refer("condition");
  macro["minProperties"] = 1;
  Json rule = {
      {"type", "object"}, {"if", {{"required", {"extends"}}}}, {"then", refer("extension")}, {"else", refer("rule")}};
  return {
      {"$schema", text("For editors; not read.")},
      {"requires", described(object({{"engine", described({{"type", "integer"}, {"maximum", kEngineVersion}},
                                                          "The version of the rule language that the file needs.")}}),
                             "What the file needs of the program: an older one does not use it, and says so.")},
      {"lists", named(list,
                      "Named lists. A list may hold others: \"$shells\". A field's value \"$shells\" is one of "
                      "them.")},
      {"macros", named(std::move(macro), "Named conditions: \"$in_container\" as an element of all, any or not.")},
      {"rules",
       {{"description", "The rules; their order does not matter."}, {"type", "array"}, {"items", std::move(rule)}}},
      {"extends_lists", named(list, "Items for lists that another file defines.")}};
}

}  // namespace
}  // namespace schema

std::string rules_schema() {
  using schema::Json;
  Json definitions = Json::object();
  schema::add_rules(definitions);
  schema::add_conditions(definitions);
  schema::add_operators(definitions);
  schema::add_values(definitions);
  Json root = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Rules of bongsu"}};
  root.update(schema::object(schema::file_properties()));
  // A definition a line: a change of one is a change of its line.
  std::string text = root.dump(1);
  text.resize(text.rfind('\n'));
  std::string_view separator = ",\n \"$defs\": {";
  for (const auto& [name, definition] : definitions.items()) {
    text.append(separator).append("\n  ").append(Json(name).dump()).append(": ").append(definition.dump());
    separator = ",";
  }
  return text + "\n }\n}\n";
}

}  // namespace bongsu
