// SPDX-License-Identifier: Apache-2.0
//
// What the rows of the tables of keys share.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/keys.h"

namespace bongsu {

inline constexpr std::string_view kSeverityNames[] = {"info", "low", "medium", "high", "critical"};  // from 1

// An enumeration with std::uint8_t below it is read and written as that number (unsigned char may alias).
template <typename Enum>
Slot slot_number(Enum& value) {
  static_assert(sizeof(Enum) == sizeof(std::uint8_t));
  return reinterpret_cast<std::uint8_t*>(&value);
}

}  // namespace bongsu
