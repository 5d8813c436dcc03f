// SPDX-License-Identifier: Apache-2.0
//
// The table of configuration keys. A key is one row of keys.cpp; how it is read, its BONGSU_ variable, its line in the
// schema and in the reference follow from the row.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace bongsu {

enum class KeyType : std::uint8_t {
  boolean,
  text,
  choice,    // one of Key::choices
  duration,  // "90s"; stored in nanoseconds
  size,      // "8MiB"; stored in bytes
  count,     // 20000
  texts,     // array of strings
  text_map,  // object of strings
  json,      // any value; kept as its text
  objects,   // array of objects, whose own keys are rows "NAME[].key"; see lists.h
  other      // read by nobody
};

enum class KeyStatus : std::uint8_t {
  supported,
  at_start,  // supported; a change while the program runs needs a restart
  ignored    // allowed, without effect
};

// Where a key's value lies; monostate: nowhere.
using Slot = std::variant<std::monostate, bool*, std::string*, std::int64_t*, std::uint8_t*, std::vector<std::string>*,
                          std::vector<std::pair<std::string, std::string>>*>;

inline constexpr std::span<const std::string_view> kNoChoices;

struct Key {
  std::string_view path;  // "webhooks[].retry.first"
  KeyType type = KeyType::other;
  KeyStatus status = KeyStatus::supported;
  std::string_view doc;
  Slot (*slot)(Config& config, Elements& elements) = nullptr;
  std::span<const std::string_view> choices = kNoChoices;
  std::uint8_t first_choice = 0;                // the number that choices[0] stands for
  Status (*check)(const Slot& slot) = nullptr;  // of the value that was stored
};

[[nodiscard]] std::span<const Key> config_keys();
// Its two parts: what is set once, and what each destination has.
[[nodiscard]] std::span<const Key> single_keys();
[[nodiscard]] std::span<const Key> destination_keys();
[[nodiscard]] const Key* find_key(std::string_view path);

// "http.listen" -> "BONGSU_HTTP_LISTEN"; empty for a key inside a list, which has no variable of its own.
[[nodiscard]] std::string variable_name(std::string_view path);

// Names directly below a path ("" the top, "webhooks[]" an element), each once, in table order.
[[nodiscard]] std::vector<std::string_view> names_below(std::string_view path);

// The type in words: "a time with a unit, as \"10s\"".
[[nodiscard]] std::string expected(const Key& key);

// The value as it would be written in JSON; empty when the key has no slot.
[[nodiscard]] std::string value_json(const Key& key, const Slot& slot);

}  // namespace bongsu
