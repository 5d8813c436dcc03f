// SPDX-License-Identifier: Apache-2.0
//
// What OpenTelemetry's semantic conventions call the fields of an alert, and in which shape they want the value. Most
// are told by the same name; the table has those that are not.
#pragma once

#include <cstdint>
#include <string_view>

namespace bongsu {

enum class OtelShape : std::uint8_t {
  as_it_is,
  list,   // of one
  text,   // a number in decimal
  octal,  // a number as text, 0640
};

struct OtelName {
  std::string_view attribute;  // the field's own name where the conventions have none
  OtelShape shape = OtelShape::as_it_is;
};
[[nodiscard]] OtelName otel_name(std::string_view field);

// Whether it says where something happened: an attribute of the resource, not of the log record.
[[nodiscard]] bool is_otel_resource(std::string_view field);

}  // namespace bongsu
