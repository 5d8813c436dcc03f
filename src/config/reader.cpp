// SPDX-License-Identifier: Apache-2.0
#include "config/reader.h"

#include <algorithm>
#include <iterator>

#include "base/strings.h"

namespace bongsu {
namespace {

using Kind = JsonNode::Kind;

std::string printable(std::string_view text) {
  std::string out;
  append_printable(out, text);
  return out;
}

std::string joined(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) {
    out += (out.empty() ? "" : ", ") + std::string(name);
  }
  return out;
}

}  // namespace

Status ConfigReader::read(const JsonNode& root, Config& config) {
  Elements none;
  if (auto status = read_group("", root, "", {config, none}); !status) {
    return status;
  }
  if (auto status = name_destinations(config); !status) {
    return fail_at(root.offset, "", status.error().message, status.error().hint);
  }
  return {};
}

Status ConfigReader::read_key(const Key& key, const JsonNode& node, const std::string& pointer, Config& config) {
  Elements none;
  return read_value(key, node, pointer, {config, none});
}

Status ConfigReader::read_group(std::string_view path, const JsonNode& node, const std::string& pointer,
                                const Target& target) {
  if (node.kind != Kind::object) {
    return wrong_type("an object", node, pointer);
  }
  const std::vector<std::string_view> known = names_below(path);
  for (const JsonNode::Member& member : node.members) {
    std::string member_pointer = pointer;
    append_pointer(member_pointer, member.key);
    if (std::find(known.begin(), known.end(), member.key) == known.end()) {
      const std::string_view near = nearest(member.key, known);
      return fail_at(member.key_offset, member_pointer, "unknown key",
                     near.empty() ? "the keys here are " + joined(known) : "did you mean " + std::string(near) + "?");
    }
    const std::string member_path = path.empty() ? member.key : std::string(path) + "." + member.key;
    const Key* key = find_key(member_path);
    if (auto status = key != nullptr ? read_value(*key, member.value, member_pointer, target)
                                     : read_group(member_path, member.value, member_pointer, target);
        !status) {
      return status;
    }
  }
  return {};
}

Status ConfigReader::read_value(const Key& key, const JsonNode& node, const std::string& pointer,
                                const Target& target) {
  if (key.status == KeyStatus::ignored) {
    return {};
  }
  const Slot slot = key.slot(target.config, target.elements);
  Status status;
  switch (key.type) {
    case KeyType::boolean:
      if (node.kind != Kind::boolean) {
        return wrong_type(expected(key), node, pointer);
      }
      *std::get<bool*>(slot) = node.boolean;
      break;
    case KeyType::text:
      if (node.kind != Kind::string) {
        return wrong_type(expected(key), node, pointer);
      }
      *std::get<std::string*>(slot) = node.string;
      break;
    case KeyType::choice:
      status = read_choice(key, node, pointer, *std::get<std::uint8_t*>(slot));
      break;
    case KeyType::duration:
    case KeyType::size:
      status = read_quantity(key, node, pointer, *std::get<std::int64_t*>(slot));
      break;
    case KeyType::count:
      if (node.kind != Kind::integer || node.integer < 0) {
        return fail_at(node.offset, pointer, "expected " + expected(key));
      }
      *std::get<std::int64_t*>(slot) = node.integer;
      break;
    case KeyType::texts:
      status = read_texts(node, pointer, *std::get<std::vector<std::string>*>(slot));
      break;
    case KeyType::text_map:
      status = read_map(node, pointer, *std::get<std::vector<std::pair<std::string, std::string>>*>(slot));
      break;
    case KeyType::json: {
      std::string& text = *std::get<std::string*>(slot);
      text.clear();
      append_json(text, node);
      break;
    }
    case KeyType::objects:
      status = read_list(*find_list(key.path), node, pointer, target.config);
      break;
    case KeyType::other:
      break;
  }
  if (status && key.check != nullptr) {
    if (auto checked = key.check(slot); !checked) {
      return fail_at(node.offset, pointer, checked.error().message, checked.error().hint);
    }
  }
  return status;
}

Status ConfigReader::read_list(const ConfigList& list, const JsonNode& node, const std::string& pointer,
                               Config& config) {
  if (node.kind != Kind::array) {
    return wrong_type("an array of objects", node, pointer);
  }
  std::vector<Elements> read;
  for (std::size_t index = 0; index < node.items.size(); ++index) {
    const JsonNode& item = node.items[index];
    const std::string item_pointer = pointer + "/" + std::to_string(index);
    Elements elements;
    Status status = read_group(std::string(list.path) + "[]", item, item_pointer, {config, elements});
    if (status) {
      status = check_required(list, item, item_pointer);
    }
    if (!status) {
      return status;
    }
    if (const Status whole = list.check(elements); !whole) {
      return fail_at(item.offset, item_pointer, whole.error().message, whole.error().hint);
    }
    read.push_back(std::move(elements));
  }
  list.clear(config);
  for (const Elements& elements : read) {
    list.add(config, elements);
  }
  return {};
}

Status ConfigReader::check_required(const ConfigList& list, const JsonNode& item, const std::string& pointer) const {
  std::vector<std::string_view> given;
  std::ranges::copy_if(list.required, std::back_inserter(given), [&](std::string_view name) {
    const JsonNode* value = item.find(name);
    return value != nullptr && !value->string.empty();
  });
  if (given.empty()) {
    std::string names;
    for (const std::string_view name : list.required) {
      names += (names.empty() ? "add \"" : "\", or \"") + std::string(name);
    }
    return fail_at(item.offset, pointer, "the " + std::string(list.noun) + " has no " + std::string(list.primary),
                   names + "\"");
  }
  if (given.size() > 1) {
    return fail_at(item.offset, pointer, "both " + std::string(given[0]) + " and " + std::string(given[1]),
                   "remove one of them");
  }
  return {};
}

Status ConfigReader::read_texts(const JsonNode& node, const std::string& pointer, std::vector<std::string>& out) {
  if (node.kind != Kind::array) {
    return wrong_type("an array of strings", node, pointer);
  }
  std::vector<std::string> texts;
  for (std::size_t index = 0; index < node.items.size(); ++index) {
    if (node.items[index].kind != Kind::string) {
      return wrong_type("a string", node.items[index], pointer + "/" + std::to_string(index));
    }
    texts.push_back(node.items[index].string);
  }
  out = std::move(texts);
  return {};
}

Status ConfigReader::read_map(const JsonNode& node, const std::string& pointer,
                              std::vector<std::pair<std::string, std::string>>& out) {
  if (node.kind != Kind::object) {
    return wrong_type("an object of strings", node, pointer);
  }
  out.clear();
  for (const JsonNode::Member& member : node.members) {
    if (member.value.kind != Kind::string) {
      std::string member_pointer = pointer;
      append_pointer(member_pointer, member.key);
      return wrong_type("a string", member.value, member_pointer);
    }
    out.emplace_back(member.key, member.value.string);
  }
  return {};
}

Status ConfigReader::read_choice(const Key& key, const JsonNode& node, const std::string& pointer, std::uint8_t& out) {
  if (node.kind != Kind::string) {
    return wrong_type(expected(key), node, pointer);
  }
  const auto found = std::find(key.choices.begin(), key.choices.end(), node.string);
  if (found != key.choices.end()) {
    out = static_cast<std::uint8_t>(found - key.choices.begin() + key.first_choice);
    return {};
  }
  const std::string_view near = nearest(node.string, key.choices);
  return fail_at(node.offset, pointer, "\"" + printable(node.string) + "\" is not known here",
                 near.empty() ? "use " + expected(key) : "did you mean " + std::string(near) + "?");
}

Status ConfigReader::read_quantity(const Key& key, const JsonNode& node, const std::string& pointer,
                                   std::int64_t& out) {
  if (node.kind != Kind::string) {
    return wrong_type(expected(key), node, pointer);
  }
  std::int64_t value = 0;
  const bool duration = key.type == KeyType::duration;
  if (!(duration ? parse_duration_ns(node.string, value) : parse_size_bytes(node.string, value))) {
    return fail_at(node.offset, pointer, "\"" + printable(node.string) + "\" is not " + expected(key),
                   duration ? "the units are ns, us, ms, s, m, h and d"
                            : "the units are B, kB, MB, GB, TB, KiB, MiB, GiB and TiB");
  }
  out = value;
  return {};
}

tl::unexpected<Error> ConfigReader::wrong_type(std::string_view wanted, const JsonNode& node,
                                               const std::string& pointer) const {
  return fail_at(node.offset, pointer, "expected " + std::string(wanted) + ", not " + std::string(node.kind_name()));
}

tl::unexpected<Error> ConfigReader::fail_at(std::size_t offset, const std::string& pointer, std::string_view message,
                                            std::string hint) const {
  std::string where = source_;
  if (document_ != nullptr) {
    const JsonPlace place = document_->place(offset);
    where += (where.empty() ? "" : ":") + std::to_string(place.line) + ":" + std::to_string(place.column);
  }
  if (!where.empty()) {
    where += ": ";
  }
  if (!pointer.empty()) {
    append_printable(where, pointer);
    where += ": ";
  }
  where += message;
  return fail(std::move(where), std::move(hint));
}

}  // namespace bongsu
