// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "config/keys.h"
#include "config/lists.h"
#include "config/reference.h"

namespace bongsu {
namespace {

using Json = nlohmann::ordered_json;

Json object_schema() { return {{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}}; }

// The object schema that holds the last name of `path`, made on the way; `name` is left with that last name.
Json& parent_of(Json& root, std::string_view path, std::string& name) {
  Json* object = &root;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    std::string part(path.substr(0, dot));
    path.remove_prefix(dot + 1);
    const bool list = part.ends_with("[]");
    if (list) {
      part.resize(part.size() - 2);
    }
    Json& property = (*object)["properties"][part];
    Json& child = list ? property["items"] : property;
    if (child.is_null()) {
      child = object_schema();
    }
    object = &child;
  }
  name = path;
  return *object;
}

Json key_schema(const Key& key) {
  switch (key.type) {
    case KeyType::boolean:
      return {{"type", "boolean"}};
    case KeyType::text:
      return {{"type", "string"}};
    case KeyType::choice: {
      Json schema = {{"enum", Json::array()}};
      for (const std::string_view choice : key.choices) {
        schema["enum"].push_back(choice);
      }
      return schema;
    }
    case KeyType::duration:
      return {{"type", "string"}, {"pattern", "^[0-9]+(ns|us|ms|s|m|h|d)$"}};
    case KeyType::size:
      return {{"type", "string"}, {"pattern", "^[0-9]+(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$"}};
    case KeyType::count:
      return {{"type", "integer"}, {"minimum", 0}};
    case KeyType::texts:
      return {{"type", "array"}, {"items", {{"type", "string"}}}};
    case KeyType::text_map:
      return {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
    case KeyType::json:
      return Json::object();
    case KeyType::objects: {
      Json schema = {{"type", "array"}, {"items", object_schema()}};
      Json& item = schema["items"];
      for (const std::string_view name : find_list(key.path)->required) {
        item["oneOf"].push_back({{"required", {name}}});
      }
      return schema;
    }
    case KeyType::other:
      break;
  }
  return Json::object();
}

}  // namespace

std::string config_schema() {
  Json root = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Configuration of bongsu"}};
  root.update(object_schema());
  Config config;
  Elements elements;
  for (const Key& key : config_keys()) {
    std::string name;
    Json& object = parent_of(root, key.path, name);
    Json schema = key_schema(key);
    schema["description"] = key.doc;
    const std::string value = key.slot == nullptr ? "" : value_json(key, key.slot(config, elements));
    if (!value.empty() && value != "\"\"") {
      schema["default"] = Json::parse(value);
    }
    object["properties"][name] = std::move(schema);
  }
  return root.dump(2) + "\n";
}

}  // namespace bongsu
