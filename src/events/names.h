// SPDX-License-Identifier: Apache-2.0
//
// Numbers of the kernel's interfaces and the names they have there: the tables that rows ENUM and FLAGS of
// bpf/wire/events.def name. The rows are in names.def.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "events/value.h"

namespace bongsu {

enum class NameTable : std::uint8_t {
  none,
#define NAMES(table) table,
#include "events/names.def"
};

inline constexpr std::string_view kNoName = "unknown";

// The name of the value; kNoName when the table has none.
[[nodiscard]] std::string_view name_of(NameTable table, std::uint64_t value);

// The names of the bits that are set, in the table's order; bits without a name are left out. Of a row with several
// bits all must be set.
[[nodiscard]] StringList names_of(NameTable table, std::uint64_t bits);

// All names of the table, in its order.
[[nodiscard]] std::vector<std::string_view> all_names(NameTable table);

}  // namespace bongsu
