// SPDX-License-Identifier: Apache-2.0
//
// One event, whatever it comes from: a record just read from the ring and joined with what is known of its process
// (identity/), or a JSON object (a rule's inline test). Rules, alerts and JSON see only this.
#pragma once

#include "events/catalogue.h"
#include "events/value.h"

namespace bongsu {

class EventView {
 public:
  virtual ~EventView() = default;

  [[nodiscard]] virtual EventType type() const = 0;
  // Kind none when the event has no value for the field; else the kind that the field's type says. Strings may hold any
  // bytes. A field with a key has the value that the map of the same view has for it (keyed_value).
  [[nodiscard]] virtual Value value(FieldId id) const = 0;
};

}  // namespace bongsu
