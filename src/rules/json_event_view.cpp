// SPDX-License-Identifier: Apache-2.0
#include "rules/json_event_view.h"

#include <array>
#include <cstddef>

#include "rules/literal.h"

namespace bongsu {
namespace {

bool next_item(const void* source, std::uint64_t /*extra*/, std::uint64_t& cursor, std::string_view& out) {
  const auto& items = *static_cast<const std::vector<std::string>*>(source);
  if (cursor >= items.size()) {
    return false;
  }
  out = items[cursor++];
  return true;
}

}  // namespace

Status JsonEventView::set(FieldId id, const JsonNode& value) {
  if (is_keyed(id)) {
    return set(map_key(id), value);
  }
  const FieldInfo& field = info(id);
  if (field.type == FieldType::string_map) {
    return set_entries(field, {}, value);
  }
  if (field.type != FieldType::string_list) {
    Result<Literal> literal = to_literal(value, field);
    if (!literal) {
      return tl::make_unexpected(std::move(literal.error()));
    }
    values_[id] = std::visit([](const auto& stored) { return Stored{stored}; }, *literal);
    return {};
  }
  if (value.kind != JsonNode::Kind::array) {
    return fail(std::string(field.name) + " is a list of strings, not " + std::string(value.kind_name()),
                "write [\"a\", \"b\"]");
  }
  Items items;
  for (const JsonNode& item : value.items) {
    if (item.kind != JsonNode::Kind::string) {
      return fail(std::string(field.name) + " holds strings, not " + std::string(item.kind_name()));
    }
    items.push_back(item.string);
  }
  values_[id] = std::move(items);
  return {};
}

Status JsonEventView::set(const MapKey& entry, const JsonNode& value) {
  const std::string name = std::string(info(entry.map).name) + '.' + std::string(entry.key);
  if (value.kind != JsonNode::Kind::string) {
    return fail(name + " is a string, not " + std::string(value.kind_name()));
  }
  if (entry.key.empty()) {
    return fail(std::string(info(entry.map).name) + " has no key that is empty");
  }
  Stored& stored = values_[entry.map];
  if (!std::holds_alternative<Items>(stored)) {
    stored = Items();
  }
  auto& items = std::get<Items>(stored);
  std::size_t at = 0;
  while (at < items.size() && items[at] < entry.key) {
    at += 2;
  }
  if (at < items.size() && items[at] == entry.key) {
    items[at + 1] = value.string;
    return {};
  }
  const std::array<std::string, 2> fresh{std::string(entry.key), value.string};
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(at), fresh.begin(), fresh.end());
  return {};
}

// What is nested below a map is a key with dots.
Status JsonEventView::set_entries(const FieldInfo& map, const std::string& prefix, const JsonNode& object) {
  if (object.kind != JsonNode::Kind::object) {
    return fail(std::string(map.name) + " is a map of strings, not " + std::string(object.kind_name()),
                R"(write {"app": "web"}, or the key behind the name: )" + std::string(map.name) + ".app");
  }
  for (const JsonNode::Member& member : object.members) {
    const std::string key = prefix + member.key;
    const bool nested = member.value.kind == JsonNode::Kind::object;
    if (Status status = nested ? set_entries(map, key + '.', member.value) : set({map.id, key}, member.value);
        !status) {
      return status;
    }
  }
  return {};
}

Value JsonEventView::value(FieldId id) const {
  if (is_keyed(id)) {
    return keyed_value(*this, id);
  }
  const auto found = values_.find(id);
  if (found == values_.end()) {
    return {};
  }
  if (const auto* text = std::get_if<std::string>(&found->second)) {
    return Value::of(std::string_view(*text));
  }
  if (const auto* items = std::get_if<Items>(&found->second)) {
    const StringList list(items, 0, next_item);
    return info(id).type == FieldType::string_map ? Value::map(list) : Value::of(list);
  }
  const std::int64_t number = std::get<std::int64_t>(found->second);
  switch (info(id).type) {
    case FieldType::boolean:
      return Value::of(number != 0);
    case FieldType::date:
      return Value::date(number);
    default:
      return Value::of(number);
  }
}

}  // namespace bongsu
