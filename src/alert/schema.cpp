// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>

#include "alert/members.h"

namespace bongsu {
namespace {

using Json = nlohmann::ordered_json;

Json object_schema() { return {{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}}; }

// As append_timestamp() writes it.
Json date_schema() {
  return {{"type", "string"}, {"format", "date-time"}, {"pattern", R"(^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$)"}};
}

Json value_schema(const AlertMember& member) {
  const Json text = {{"type", "string"}};
  switch (member.type) {
    case FieldType::boolean:
      return {{"type", "boolean"}};
    case FieldType::integer:
      return {{"type", "integer"}};
    case FieldType::string:
      return member.values.empty() ? text : Json{{"enum", member.values}};
    case FieldType::string_list:
      return {{"type", "array"}, {"items", text}};
    case FieldType::date:
      return date_schema();
    case FieldType::string_map:
      return {{"type", "object"}, {"additionalProperties", text}};
  }
  return Json::object();
}

void require(Json& object, const std::string& name) {
  Json& required = object["required"];
  if (required.is_null()) {
    required = Json::array();
  }
  if (std::find(required.begin(), required.end(), name) == required.end()) {
    required.push_back(name);
  }
}

void add(Json& root, const AlertMember& member) {
  Json* object = &root;
  std::string_view path = member.name;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    const std::string name(path.substr(0, dot));
    path.remove_prefix(dot + 1);
    if (member.always) {
      require(*object, name);
    }
    Json& inner = (*object)["properties"][name];
    if (inner.is_null()) {
      inner = object_schema();
    }
    object = &inner;
  }
  const std::string name(path);
  if (member.always) {
    require(*object, name);
  }
  Json schema = value_schema(member);
  schema["description"] = member.doc;
  (*object)["properties"][name] = std::move(schema);
}

}  // namespace

std::string alert_schema() {
  Json root = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Alert of bongsu"}};
  root.update(object_schema());
  for (const AlertMember& member : alert_members()) {
    add(root, member);
  }
  Json& event = root["properties"]["event"]["properties"];
  event["severity"]["minimum"] = 1;
  event["severity"]["maximum"] = 5;
  // A roll-up is told whole.
  root["properties"]["bongsu"]["properties"]["rollup"]["required"] = {"count", "first", "last"};
  return root.dump(2) + "\n";
}

}  // namespace bongsu
