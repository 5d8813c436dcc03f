// SPDX-License-Identifier: Apache-2.0
//
// An event as the outside may see it: the same values, secrets masked in those that hold what somebody else wrote
// (arguments, paths, names of files and processes, labels and annotations). Ids, host names and what the monitor says
// itself are as they are.
#pragma once

#include <array>
#include <cstdint>
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
  enum class State : std::uint8_t { unknown, as_it_is, masked };
  // Of a field whose value is masked.
  struct Masked {
    FieldId id = FieldId::none;
    std::string text;                 // of a string
    std::vector<std::string> items;   // of a list; of a map: key, value, key, ...
    std::vector<std::string> hidden;  // what was masked in arguments
  };

  // Null when the value is to be given out as it is.
  const Masked* masked(FieldId id) const;
  bool look_through(Masked& out, const Value& value) const;
  bool look_through_text(Masked& out, std::string_view text) const;
  bool look_through_list(Masked& out, const Value& value) const;
  bool look_through_map(Masked& out, const Value& value) const;
  bool look_through_command_line(Masked& out, FieldId arguments) const;

  const EventView& event_;
  const Redactor& redactor_;
  mutable std::array<State, kFieldCount> states_{};
  mutable std::list<Masked> masked_;  // few; they stay where they are
};

}  // namespace bongsu
