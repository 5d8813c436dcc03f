// SPDX-License-Identifier: Apache-2.0
//
// The names of the forms that a webhook's body can have: one for each file of src/payload that makes one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace bongsu {

inline constexpr std::string_view kPayloadFormats[] = {
#define PAYLOAD(name) #name,
#include "config/payload_formats.def"
#undef PAYLOAD
};

// Its place among them; past the end when it is none.
constexpr std::uint8_t payload_format(std::string_view name) {
  return static_cast<std::uint8_t>(std::find(std::begin(kPayloadFormats), std::end(kPayloadFormats), name) -
                                   std::begin(kPayloadFormats));
}

}  // namespace bongsu
