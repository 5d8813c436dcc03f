// SPDX-License-Identifier: Apache-2.0
//
// An event as the outside may see it: the same values, secrets masked in those that hold what somebody else wrote
// (arguments, paths, names of files and processes, labels and annotations). Ids, host names and what the monitor says
// itself are as they are.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "alert/redact.h"
#include "events/event_view.h"

namespace bongsu {

// Whether values of the field are looked through.
[[nodiscard]] bool may_hold_secrets(FieldId id);

// Of one thread. What it gives out of masked values stays as long as it does itself. A value is looked through once,
// however often it is asked for.
class RedactedEvent final : public EventView {
 public:
  RedactedEvent(const EventView& event, const Redactor& redactor) : event_(event), redactor_(redactor) {}

  [[nodiscard]] EventType type() const override { return event_.type(); }
  [[nodiscard]] Value value(FieldId id) const override;

 private:
  // What became of a field's value.
  struct Known {
    FieldId id = FieldId::none;
    bool masked = false;              // else it is given out as it is
    std::string text;                 // of a string
    std::vector<std::string> items;   // of a list; of a map: key, value, key, ...
    std::vector<std::string> hidden;  // what was masked in arguments
  };

  const Known& known(FieldId id) const;
  void look_through_text(Known& known, std::string_view text) const;
  void look_through_list(Known& known, const Value& value) const;
  void look_through_map(Known& known, const Value& value) const;
  void look_through_command_line(Known& known, FieldId arguments) const;

  const EventView& event_;
  const Redactor& redactor_;
  mutable std::list<Known> known_;  // few; they stay where they are
};

}  // namespace bongsu
