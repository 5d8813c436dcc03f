// SPDX-License-Identifier: Apache-2.0
//
// The parts of the schema of rule files, for rules/schema.cpp alone.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "events/catalogue.h"

namespace bongsu::schema {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json refer(std::string_view definition);  // {"$ref": "#/$defs/..."}
[[nodiscard]] Json text(std::string_view description);
// Of the names of fields with a key: k8s.pod.label.app. As the middle of a pattern of the caller's.
[[nodiscard]] const std::string& keyed_names();
[[nodiscard]] Json keyed_name();  // such a name
// The object with properties of these names too, each of them like this.
[[nodiscard]] Json with_keyed(Json object, const Json& value);
[[nodiscard]] Json described(Json schema, std::string_view description);
// An object that has no other keys.
[[nodiscard]] Json object(Json properties, const std::vector<std::string>& required = {});

// "$name": a list or macro.
inline constexpr std::string_view kReferencePattern = "^\\$[A-Za-z0-9_]";
inline constexpr std::string_view kDurationPattern = "^[0-9]+(ns|us|ms|s|m|h|d)$";
inline constexpr std::string_view kSizePattern = "^[0-9]+(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$";

// A name of what rules are about: an event, or a family with the events of it.
struct EventName {
  std::string name;
  std::string doc;
  std::vector<EventType> events;
};
[[nodiscard]] const std::vector<EventName>& event_names();

// Each adds its definitions to "$defs".
void add_values(Json& definitions);      // scalar.*: one value of each type of field
void add_operators(Json& definitions);   // value.*: what may stand behind a field of each type
void add_conditions(Json& definitions);  // condition, element, and fields.EVENT: what an event has
void add_rules(Json& definitions);       // rule, extension, and all that is in them

// "integer", "duration", "string_list", ...: how the definitions of the field's values are called.
[[nodiscard]] std::string value_name(const FieldInfo& field);

}  // namespace bongsu::schema
