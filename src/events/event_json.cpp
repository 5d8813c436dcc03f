// SPDX-License-Identifier: Apache-2.0
#include "events/event_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/strings.h"

namespace bongsu {
namespace {

// The fields in the order in which they are written: those that share a dotted prefix stand together, prefixes in the
// order of the table. Worked out once; writing an event is then one pass that opens and closes objects as it goes.
struct Entry {
  FieldId id;
  std::vector<std::string_view> path;  // "process.parent.name" -> process, parent, name
  std::size_t shared;                  // leading parts of the path that the entry before has too
};

std::vector<std::string_view> split(std::string_view name) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t dot = name.find('.');
    parts.push_back(name.substr(0, dot));
    if (dot == std::string_view::npos) {
      return parts;
    }
    name.remove_prefix(dot + 1);
  }
}

std::size_t shared_parts(const Entry& a, const Entry& b) {
  const std::size_t most = std::min(a.path.size(), b.path.size()) - 1;  // the last part is a value's key, not an object
  std::size_t count = 0;
  while (count < most && a.path[count] == b.path[count]) {
    ++count;
  }
  return count;
}

std::vector<Entry> make_layout() {
  std::vector<Entry> layout;
  for (const FieldInfo& field : fields()) {
    Entry entry{field.id, split(field.name), 0};
    // Behind the last of those that share most with it.
    auto where = layout.end();
    std::size_t most = 0;
    for (auto other = layout.begin(); other != layout.end(); ++other) {
      const std::size_t shared = shared_parts(*other, entry);
      if (shared != 0 && shared >= most) {
        most = shared;
        where = other + 1;
      }
    }
    layout.insert(where, std::move(entry));
  }
  for (std::size_t i = 1; i < layout.size(); ++i) {
    layout[i].shared = shared_parts(layout[i - 1], layout[i]);
  }
  return layout;
}

const std::vector<Entry>& layout() {
  static const std::vector<Entry> kLayout = make_layout();
  return kLayout;
}

void append_integer(std::string& out, std::int64_t value) {
  std::array<char, 20> text;  // -9223372036854775808
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  out.append(text.data(), end);
}

void append_key(std::string& out, std::string_view key) {
  out += '"';
  out += key;  // names of the table need no escapes; a test holds them to it
  out += "\":";
}

}  // namespace

void append_event_members(std::string& out, const EventView& event) { append_event_members(out, event, {}, {}); }

void append_event_members(std::string& out, const EventView& event, std::string_view object, std::string_view members) {
  const std::vector<std::string_view>* open = nullptr;  // path of the last value written
  std::size_t shared = 0;                               // parts that it shares with the entry at hand
  for (const Entry& entry : layout()) {
    shared = std::min(shared, entry.shared);
    const Value value = event.value(entry.id);
    if (!value.has_value()) {
      continue;
    }
    if (open != nullptr) {
      out.append(open->size() - 1 - shared, '}');
      out += ',';
    }
    for (std::size_t part = shared; part + 1 < entry.path.size(); ++part) {
      append_key(out, entry.path[part]);
      out += '{';
      if (part == 0 && entry.path[0] == object && !members.empty()) {
        out += members;
        out += ',';
        members = {};
      }
    }
    append_key(out, entry.path.back());
    append_value_json(out, value);
    open = &entry.path;
    shared = entry.path.size();
  }
  if (open != nullptr) {
    out.append(open->size() - 1, '}');
  }
  if (!members.empty()) {
    if (open != nullptr) {
      out += ',';
    }
    append_key(out, object);
    out += '{';
    out += members;
    out += '}';
  }
}

void append_event_json(std::string& out, const EventView& event) {
  out += '{';
  append_event_members(out, event);
  out += '}';
}

void append_value_json(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::none:
      out += "null";
      return;
    case Value::Kind::boolean:
      out += value.boolean() ? "true" : "false";
      return;
    case Value::Kind::integer:
      append_integer(out, value.integer());
      return;
    case Value::Kind::string:
      append_json_string(out, value.string());
      return;
    case Value::Kind::string_list: {
      out += '[';
      bool first = true;
      value.list().any([&](std::string_view item) {
        if (!first) {
          out += ',';
        }
        first = false;
        append_json_string(out, item);
        return false;
      });
      out += ']';
      return;
    }
    case Value::Kind::string_map: {
      out += '{';
      bool first = true;
      (void)value.any_entry([&](std::string_view key, std::string_view text) {
        if (!first) {
          out += ',';
        }
        first = false;
        append_json_string(out, key);
        out += ':';
        append_json_string(out, text);
        return false;
      });
      out += '}';
      return;
    }
    case Value::Kind::date:
      out += '"';
      append_timestamp(out, value.integer());
      out += '"';
      return;
  }
}

void append_value_text(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::none:
      return;
    case Value::Kind::boolean:
      out += value.boolean() ? "true" : "false";
      return;
    case Value::Kind::integer:
      append_integer(out, value.integer());
      return;
    case Value::Kind::string:
      append_printable(out, value.string());
      return;
    case Value::Kind::string_list: {
      bool first = true;
      value.list().any([&](std::string_view item) {
        if (!first) {
          out += ' ';
        }
        first = false;
        append_printable(out, item);
        return false;
      });
      return;
    }
    case Value::Kind::string_map: {
      bool first = true;
      (void)value.any_entry([&](std::string_view key, std::string_view text) {
        if (!first) {
          out += ' ';
        }
        first = false;
        append_printable(out, key);
        out += '=';
        append_printable(out, text);
        return false;
      });
      return;
    }
    case Value::Kind::date:
      append_timestamp(out, value.integer());
      return;
  }
}

}  // namespace bongsu
