// SPDX-License-Identifier: Apache-2.0
//
// An event that owns its values, for a rule's inline tests: filled from a flat JSON object of fields, {"process.name":
// "sh", "process.args": ["sh", "-c"], "k8s.pod.label.app": "web"}. What the object does not name has no value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/json_document.h"
#include "base/result.h"
#include "events/event_view.h"
#include "events/keyed_field.h"

namespace bongsu {

class JsonEventView final : public EventView {
 public:
  explicit JsonEventView(EventType type) : type_(type) {
    values_[FieldId::event_action] = std::string(info(type).name);
  }

  // Sets a field from its JSON form: what an alert shows, or a time or size with a unit. Fails when the value is none
  // of the field's type.
  [[nodiscard]] Status set(FieldId id, const JsonNode& value);
  // The same for one entry of a map, without making a field of its key: {"k8s.pod.label", "app"}.
  [[nodiscard]] Status set(const MapKey& entry, const JsonNode& value);

  // Of a field that is a date.
  void set_date(FieldId id, std::int64_t unix_ns) { values_[id] = unix_ns; }

  [[nodiscard]] EventType type() const override { return type_; }
  [[nodiscard]] Value value(FieldId id) const override;

 private:
  [[nodiscard]] Status set_entries(const FieldInfo& map, const std::string& prefix, const JsonNode& object);

  // A boolean is an integer here, and a map a list of keys and values, by key; the field's type tells them apart.
  using Items = std::vector<std::string>;
  using Stored = std::variant<std::int64_t, std::string, Items>;

  EventType type_;
  std::map<FieldId, Stored> values_;
};

}  // namespace bongsu
