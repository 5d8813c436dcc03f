// SPDX-License-Identifier: Apache-2.0
#include "config/keys.h"

#include <algorithm>

#include "base/strings.h"
#include "config/units.h"

namespace bongsu {
namespace {

struct ToJson {
  const Key& key;
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const std::string* value) const { return key.type == KeyType::json ? *value : quoted(*value); }
  std::string operator()(const std::uint8_t* value) const {
    return quoted(key.choices[static_cast<std::size_t>(*value - key.first_choice)]);
  }
  std::string operator()(const std::int64_t* value) const {
    if (key.type == KeyType::count) {
      return std::to_string(*value);
    }
    return quoted(key.type == KeyType::duration ? format_duration_ns(*value) : format_size_bytes(*value));
  }
  std::string operator()(const std::vector<std::string>* value) const {
    std::string out = "[";
    for (const std::string& item : *value) {
      out += (out.size() > 1 ? ", " : "") + quoted(item);
    }
    return out + "]";
  }
  std::string operator()(const std::vector<std::pair<std::string, std::string>>* value) const {
    std::string out = "{";
    for (const auto& [name, text] : *value) {
      out += (out.size() > 1 ? ", " : "") + quoted(name) + ": " + quoted(text);
    }
    return out + "}";
  }
  static std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
  }
};

}  // namespace

std::span<const Key> config_keys() {
  static const std::vector<Key> kKeys = [] {
    std::vector<Key> all(single_keys().begin(), single_keys().end());
    all.insert(all.end(), destination_keys().begin(), destination_keys().end());
    return all;
  }();
  return kKeys;
}

const Key* find_key(std::string_view path) {
  const auto found = std::ranges::find(config_keys(), path, &Key::path);
  return found == config_keys().end() ? nullptr : &*found;
}

std::string variable_name(std::string_view path) {
  if (path.find_first_of("[$") != std::string_view::npos) {
    return {};
  }
  std::string name = "BONGSU_";
  for (const char c : path) {
    name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
}

std::vector<std::string_view> names_below(std::string_view path) {
  const std::string prefix = path.empty() ? "" : std::string(path) + ".";
  std::vector<std::string_view> names;
  for (const Key& key : config_keys()) {
    if (key.path.starts_with(prefix)) {
      const std::string_view rest = key.path.substr(prefix.size());
      const std::string_view name = rest.substr(0, rest.find_first_of(".["));
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  return names;
}

std::string expected(const Key& key) {
  switch (key.type) {
    case KeyType::boolean:
      return "true or false";
    case KeyType::text:
      return "a string";
    case KeyType::choice: {
      std::string text = key.choices.size() > 1 ? "one of " : "";
      for (const std::string_view choice : key.choices) {
        text += (choice == key.choices.front() ? "" : ", ") + std::string(choice);
      }
      return text;
    }
    case KeyType::duration:
      return "a time with a unit, as \"10s\" or \"500ms\"";
    case KeyType::size:
      return "a size with a unit, as \"8MiB\"";
    case KeyType::count:
      return "a whole number, 0 or more";
    case KeyType::texts:
      return "an array of strings";
    case KeyType::text_map:
      return "an object of strings";
    case KeyType::json:
      return "any JSON";
    case KeyType::objects:
      return "an array of objects";
    case KeyType::other:
      break;
  }
  return {};
}

std::string value_json(const Key& key, const Slot& slot) { return std::visit(ToJson{key}, slot); }

}  // namespace bongsu
