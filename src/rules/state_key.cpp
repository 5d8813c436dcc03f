// SPDX-License-Identifier: Apache-2.0
#include "rules/state_key.h"

#include <array>
#include <cstring>
#include <functional>
#include <string_view>

namespace bongsu {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, sizeof number> bytes{};
  std::memcpy(bytes.data(), &number, sizeof number);
  out.append(bytes.data(), bytes.size());
}

void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out += text;
}

char mark(Value::Kind kind) { return static_cast<char>(kind); }

void append_value(std::string& out, const Value& value) {
  const std::size_t start = out.size();
  out += mark(value.kind());
  switch (value.kind()) {
    case Value::Kind::none:
      return;
    case Value::Kind::boolean:
    case Value::Kind::integer:
    case Value::Kind::date:
      append_number(out, static_cast<std::uint64_t>(value.integer()));
      return;
    case Value::Kind::string:
      append_text(out, value.string());
      return;
    case Value::Kind::string_list:
    case Value::Kind::string_map: {
      const std::size_t items = out.size();
      value.list().any([&](std::string_view item) {
        append_text(out, item);
        return false;
      });
      if (out.size() == items) {  // a list without items is a field without value
        out[start] = mark(Value::Kind::none);
      } else {
        append_number(out, UINT64_MAX);  // no text is as long: the end
      }
      return;
    }
  }
}

void bound(std::string& key) {
  if (key.size() > kMaxKeyBytes) {
    const std::size_t length = key.size();
    const std::size_t hash = std::hash<std::string_view>{}(key);
    key.resize(kMaxKeyBytes - 2 * sizeof(std::uint64_t));
    append_number(key, length);
    append_number(key, hash);
  }
}

}  // namespace

void write_key(std::string& out, const Value& value) {
  out.clear();
  append_value(out, value);
  bound(out);
}

void write_key(std::string& out, const EventView& event, std::span<const FieldId> fields) {
  out.clear();
  for (const FieldId field : fields) {
    append_value(out, event.value(field));
  }
  bound(out);
}

bool is_missing(const std::string& key) { return key.size() == 1 && key.front() == mark(Value::Kind::none); }

std::int64_t event_time_ns(const EventView& event) { return event.value(FieldId::timestamp).integer(); }

}  // namespace bongsu
