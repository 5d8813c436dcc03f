// SPDX-License-Identifier: Apache-2.0
//
// What OpenTelemetry's semantic conventions call the members of an alert. What they do not know keeps the name that it
// has.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bongsu {

enum class OtelForm : std::uint8_t {
  as_is,
  list,   // an array of strings, of what is one string here
  text,   // a string, of what is a number here
  octal,  // the same, as 0640
};

struct OtelName {
  std::string_view name;  // the path in an alert
  std::string_view otel;  // the attribute
  OtelForm form = OtelForm::as_is;
};

[[nodiscard]] std::span<const OtelName> otel_names();  // by `name`

// Null for what the conventions do not know.
[[nodiscard]] const OtelName* find_otel_name(std::string_view name);

// The attribute for the member at that path: where they do not know it, the path itself.
[[nodiscard]] OtelName otel_name(std::string_view name);

}  // namespace bongsu
