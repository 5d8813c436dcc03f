// SPDX-License-Identifier: Apache-2.0
#include "events/names.h"

#include <algorithm>
#include <span>

#include "wire/wire.h"

namespace bongsu {
namespace {

struct Name {
  std::uint64_t value;
  std::string_view text;
};

#define NAMES(table) constexpr Name k_##table[] = {
#define NAME(value, text) {value, text},
#define END_NAMES(table) \
  }                      \
  ;
#include "events/names.def"

struct Table {
  std::span<const Name> names;
};
constexpr Table kTables[] = {
    {},
#define NAMES(table) {k_##table},
#include "events/names.def"
};

std::span<const Name> names(NameTable table) { return kTables[static_cast<std::size_t>(table)].names; }

bool next_name(const void* source, std::uint64_t bits, std::uint64_t& cursor, std::string_view& out) {
  const auto all = static_cast<const Table*>(source)->names;
  for (; cursor < all.size(); ++cursor) {
    const Name& name = all[cursor];
    if (name.value != 0 && (bits & name.value) == name.value) {
      out = name.text;
      ++cursor;
      return true;
    }
  }
  return false;
}

}  // namespace

std::string_view name_of(NameTable table, std::uint64_t value) {
  const auto all = names(table);
  const auto found = std::find_if(all.begin(), all.end(), [&](const Name& name) { return name.value == value; });
  return found == all.end() ? kNoName : found->text;
}

StringList names_of(NameTable table, std::uint64_t bits) {
  return {&kTables[static_cast<std::size_t>(table)], bits, &next_name};
}

std::vector<std::string_view> all_names(NameTable table) {
  std::vector<std::string_view> result;
  for (const Name& name : names(table)) {
    result.push_back(name.text);
  }
  return result;
}

}  // namespace bongsu
