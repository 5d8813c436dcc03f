// SPDX-License-Identifier: Apache-2.0
#include "rules/json_event_view.h"

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
  const FieldInfo& field = info(id);
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
  std::vector<std::string> items;
  for (const JsonNode& item : value.items) {
    if (item.kind != JsonNode::Kind::string) {
      return fail(std::string(field.name) + " holds strings, not " + std::string(item.kind_name()));
    }
    items.push_back(item.string);
  }
  values_[id] = std::move(items);
  return {};
}

Value JsonEventView::value(FieldId id) const {
  const auto found = values_.find(id);
  if (found == values_.end()) {
    return {};
  }
  if (const auto* text = std::get_if<std::string>(&found->second)) {
    return Value::of(std::string_view(*text));
  }
  if (const auto* items = std::get_if<std::vector<std::string>>(&found->second)) {
    return Value::of(StringList(items, 0, next_item));
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
