// SPDX-License-Identifier: Apache-2.0
//
// Which atoms of one field a value may meet, found at once: equal texts and numbers by hash, prefixes and suffixes by
// trie, networks by hash. One for each field, for the rules of all event types. Says too much rather than too little:
// whoever asks judges the rules behind the atoms.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "events/value.h"
#include "rules/network_table.h"
#include "rules/number_map.h"
#include "rules/postings.h"
#include "rules/selection.h"
#include "rules/text_map.h"
#include "rules/text_trie.h"

namespace bongsu {

// Methods as a set of bits; those that tell case apart have one for each.
using MethodSet = std::uint16_t;
[[nodiscard]] constexpr MethodSet method_bit(Method method, bool fold) {
  return static_cast<MethodSet>(1U << (2 * static_cast<unsigned>(method) + (fold ? 1 : 0)));
}

class FieldIndex {
 public:
  struct Item {
    std::uint32_t key = 0;  // what the caller knows the atom by
    Filing filing;          // neither judge nor search
  };
  explicit FieldIndex(std::span<const Item> items);

  // Calls use(key) for each atom that the value may meet, by the methods asked for; for some more than once.
  template <typename Use>
  void keys(const Value& value, MethodSet methods, Use&& use) const {
    if (value.kind() != Value::Kind::string) {
      if (const std::uint32_t found = numbers_.find(value.integer()); found != NumberMap::kNone) {
        tell(number_keys_, found, use);
      }
      return;
    }
    const std::string_view text = value.string();
    for (const bool fold : {false, true}) {
      if ((methods & method_bit(Method::text, fold)) != 0) {
        if (const std::uint32_t found = texts_[fold].find(text); found != TextMap::kNone) {
          tell(text_keys_[fold], found, use);
        }
      }
      if ((methods & method_bit(Method::prefix, fold)) != 0) {
        prefixes_[fold].any(text, [&](std::uint32_t found) { return tell(prefix_keys_[fold], found, use); });
      }
      if ((methods & method_bit(Method::suffix, fold)) != 0) {
        suffixes_[fold].any(text, [&](std::uint32_t found) { return tell(suffix_keys_[fold], found, use); });
      }
    }
    if ((methods & method_bit(Method::network, false)) != 0) {
      if (const std::optional<Address> address = parse_address(text)) {
        networks_.any(*address, [&](std::uint32_t found) { return tell(network_keys_, found, use); });
      }
    }
  }

 private:
  template <typename Use>
  static bool tell(const Postings& keys, std::uint32_t found, Use& use) {
    for (const std::uint32_t key : keys.of(found)) {
      use(key);
    }
    return false;
  }

  // By case: kept, folded.
  std::array<TextMap, 2> texts_;
  std::array<Postings, 2> text_keys_;
  std::array<TextTrie, 2> prefixes_;
  std::array<Postings, 2> prefix_keys_;
  std::array<TextTrie, 2> suffixes_;
  std::array<Postings, 2> suffix_keys_;
  NumberMap numbers_;
  Postings number_keys_;
  NetworkTable networks_;
  Postings network_keys_;
};

}  // namespace bongsu
