// SPDX-License-Identifier: Apache-2.0
//
// condition: all/any/not over fields; fields.EVENT: which of them an event has.
#include <algorithm>

#include "events/names.h"
#include "events/reference.h"
#include "rules/families.h"
#include "rules/schema_parts.h"

namespace bongsu::schema {
namespace {

// The names that a field's values have, for completion; others are taken too.
std::vector<std::string_view> known_names(FieldId id) {
  if (id == FieldId::event_outcome) {
    return {"success", "failure"};
  }
  std::vector<std::string_view> names;
  for (const WireMember& member : wire_members()) {
    if (member.field == id && member.names != NameTable::none) {
      for (const std::string_view name : all_names(member.names)) {
        if (std::ranges::find(names, name) == names.end()) {
          names.push_back(name);
        }
      }
    }
  }
  if (id == FieldId::event_action) {
    for (const EventInfo& event : events().subspan(1)) {
      names.push_back(event.name);
    }
  }
  return names;
}

Json field_schema(const FieldInfo& field) {
  Json value = refer("value." + value_name(field));
  const std::vector<std::string_view> names = known_names(field.id);
  if (names.empty()) {
    return described(std::move(value), field.doc);
  }
  const Json known = {{"enum", names}};
  const Json schema = {{"anyOf",
                        {known,
                         {{"type", "array"}, {"minItems", 1}, {"items", {{"anyOf", {known, {{"type", "string"}}}}}}},
                         std::move(value)}}};
  return described(schema, field.doc);
}

bool is_common(const FieldInfo& field) { return field.scope != Scope::event; }

std::vector<std::string_view> names_of_scope(bool process) {
  std::vector<std::string_view> names;
  for (const FieldInfo& field : fields()) {
    if (is_common(field) && (field.scope == Scope::every || process)) {
      names.push_back(field.name);
    }
  }
  return names;
}

}  // namespace

const std::vector<EventName>& event_names() {
  static const std::vector<EventName> kNames = [] {
    std::vector<EventName> names;
    for (const EventInfo& event : events().subspan(1)) {
      names.push_back({std::string(event.name), std::string(event.doc), {event.type}});
    }
    for (const std::string_view family : families()) {
      EventName& name = names.emplace_back();
      name.name = std::string(family) + ".*";
      name.doc = "all of:";
      for (const EventInfo& event : events_of(family)) {
        name.events.push_back(event.type);
        name.doc.append(" ").append(event.name);
      }
    }
    for (const Family& family : partial_families()) {
      names.push_back(
          {std::string(family.name), std::string(family.doc), {family.events.begin(), family.events.end()}});
    }
    return names;
  }();
  return kNames;
}

void add_conditions(Json& definitions) {
  Json properties = {
      {"all", described({{"type", "array"}, {"minItems", 1}, {"items", refer("element")}}, "All of these hold.")},
      {"any",
       described({{"type", "array"}, {"minItems", 1}, {"items", refer("element")}}, "At least one of these holds.")},
      {"not",
       described({{"anyOf", {refer("element"), {{"type", "array"}, {"minItems", 1}, {"items", refer("element")}}}}},
                 "None of these holds.")}};
  for (const FieldInfo& field : fields()) {
    properties[field.name] = field_schema(field);
  }
  definitions["condition"] = described(
      with_keyed(object(std::move(properties)),
                 described(refer("value.string"), "One value of the map: a label or an annotation of the pod.")),
      "True when all of its keys are.");
  Json whole = refer("condition");
  whole["minProperties"] = 1;
  definitions["element"] = {{"anyOf", {{{"type", "string"}, {"pattern", kReferencePattern}}, std::move(whole)}}};

  definitions["names.every"] = {{"enum", names_of_scope(false)}};
  definitions["names.process"] = {{"anyOf", {{{"enum", names_of_scope(true)}}, keyed_name()}}};
  for (const EventInfo& event : events().subspan(1)) {
    std::vector<std::string_view> own;
    for (const FieldInfo& field : fields()) {
      const bool in_common = is_agent(event.type) ? field.scope == Scope::every : is_common(field);
      if (!in_common && has_field(event.type, field.id)) {
        own.push_back(field.name);
      }
    }
    const std::string name(event.name);
    Json common = refer(is_agent(event.type) ? "names.every" : "names.process");
    definitions["names." + name] =
        own.empty() ? std::move(common) : Json{{"anyOf", {std::move(common), {{"enum", own}}}}};
    Json self = refer("fields." + name);
    Json either = self;
    either["items"] = self;
    definitions["fields." + name] = {
        {"propertyNames", {{"anyOf", {{{"enum", {"all", "any", "not"}}}, refer("names." + name)}}}},
        {"properties", {{"all", {{"items", self}}}, {"any", {{"items", self}}}, {"not", std::move(either)}}}};
  }
}

}  // namespace bongsu::schema
