// SPDX-License-Identifier: Apache-2.0
#include "rules/stored_event.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "events/keyed_field.h"

namespace bongsu {

StoredEvent::StoredEvent(const EventView& event) : type_(event.type()) {
  for (const FieldInfo& info : fields()) {
    const Value value = event.value(info.id);
    if (!value.has_value()) {
      continue;
    }
    Field field{.id = info.id, .kind = value.kind(), .begin = static_cast<std::uint32_t>(text_.size())};
    if (value.kind() == Value::Kind::string) {
      text_ += value.string();
    } else if (value.is_several()) {
      value.list().any([&](std::string_view item) {
        append_item(item);
        return false;
      });
    } else {
      field.number = value.integer();
    }
    field.end = static_cast<std::uint32_t>(text_.size());
    fields_.push_back(field);
  }
  text_.shrink_to_fit();
  fields_.shrink_to_fit();
}

Value StoredEvent::value(FieldId id) const {
  if (is_keyed(id)) {
    return keyed_value(*this, id);
  }
  const auto field = std::ranges::lower_bound(fields_, id, {}, &Field::id);
  if (field == fields_.end() || field->id != id) {
    return {};
  }
  switch (field->kind) {
    case Value::Kind::none:
      return {};
    case Value::Kind::boolean:
      return Value::of(field->number != 0);
    case Value::Kind::integer:
      return Value::of(field->number);
    case Value::Kind::date:
      return Value::date(field->number);
    case Value::Kind::string:
      return Value::of(std::string_view(text_).substr(field->begin, field->end - field->begin));
    case Value::Kind::string_list:
    case Value::Kind::string_map: {
      const StringList items(this, static_cast<std::uint64_t>(field - fields_.begin()), next_item);
      return field->kind == Value::Kind::string_list ? Value::of(items) : Value::map(items);
    }
  }
  return {};
}

void StoredEvent::append_item(std::string_view item) {
  const auto length = static_cast<std::uint32_t>(item.size());
  std::array<char, sizeof length> bytes{};
  std::memcpy(bytes.data(), &length, sizeof length);
  text_.append(bytes.data(), bytes.size());
  text_ += item;
}

// `extra` is the field's index, the cursor counts bytes from its begin.
bool StoredEvent::next_item(const void* source, std::uint64_t extra, std::uint64_t& cursor, std::string_view& out) {
  const auto& event = *static_cast<const StoredEvent*>(source);
  const Field& field = event.fields_[extra];
  const std::string_view rest =
      std::string_view(event.text_).substr(field.begin, field.end - field.begin).substr(cursor);
  std::uint32_t length = 0;
  if (rest.size() < sizeof length) {
    return false;
  }
  std::memcpy(&length, rest.data(), sizeof length);
  out = rest.substr(sizeof length, length);
  cursor += sizeof length + length;
  return true;
}

}  // namespace bongsu
