// SPDX-License-Identifier: Apache-2.0
//
// An event made of values given one by one, any bytes in them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "events/event_view.h"
#include "events/keyed_field.h"

namespace bongsu {

class FakeEvent final : public EventView {
 public:
  explicit FakeEvent(EventType type) : type_(type) {}

  FakeEvent& text(FieldId id, std::string value) {
    texts_[id] = std::move(value);
    values_[id] = Value::of(std::string_view(texts_[id]));
    return *this;
  }
  FakeEvent& number(FieldId id, std::int64_t value) {
    values_[id] = Value::of(value);
    return *this;
  }
  FakeEvent& date(FieldId id, std::int64_t value) {
    values_[id] = Value::date(value);
    return *this;
  }
  FakeEvent& list(FieldId id, std::vector<std::string> value) {
    lists_[id] = std::move(value);
    values_[id] = Value::of(StringList(&lists_[id], 0, next));
    return *this;
  }
  // Key, value, key, value...
  FakeEvent& map(FieldId id, std::vector<std::string> entries) {
    lists_[id] = std::move(entries);
    values_[id] = Value::map(StringList(&lists_[id], 0, next));
    return *this;
  }

  [[nodiscard]] EventType type() const override { return type_; }
  [[nodiscard]] Value value(FieldId id) const override {
    if (is_keyed(id)) {
      return keyed_value(*this, id);
    }
    const auto found = values_.find(id);
    return found == values_.end() ? Value() : found->second;
  }

 private:
  static bool next(const void* source, std::uint64_t, std::uint64_t& cursor, std::string_view& out) {
    const auto& list = *static_cast<const std::vector<std::string>*>(source);
    if (cursor >= list.size()) {
      return false;
    }
    out = list[cursor++];
    return true;
  }

  EventType type_;
  std::map<FieldId, Value> values_;
  std::map<FieldId, std::string> texts_;
  std::map<FieldId, std::vector<std::string>> lists_;
};

}  // namespace bongsu
