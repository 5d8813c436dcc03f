// SPDX-License-Identifier: Apache-2.0
//
// A copy of an event that owns what it shows: it outlives what it was made of. As compact as may be, for many of them
// may wait for their roll-ups.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "events/event_view.h"

namespace bongsu {

class StoredEvent final : public EventView {
 public:
  explicit StoredEvent(const EventView& event);

  [[nodiscard]] EventType type() const override { return type_; }
  [[nodiscard]] Value value(FieldId id) const override;

  [[nodiscard]] std::size_t bytes() const {
    return sizeof(StoredEvent) + fields_.size() * sizeof(Field) + text_.size();
  }

 private:
  struct Field {
    FieldId id = FieldId::none;
    Value::Kind kind = Value::Kind::none;
    std::uint32_t begin = 0;  // of its text; of a list or map: of the first item's
    std::uint32_t end = 0;
    std::int64_t number = 0;
  };

  void append_item(std::string_view item);
  static bool next_item(const void* source, std::uint64_t extra, std::uint64_t& cursor, std::string_view& out);

  EventType type_;
  std::vector<Field> fields_;  // those that have a value, in the order of FieldId
  std::string text_;           // texts; an item of a list or map has its length before it
};

}  // namespace bongsu
