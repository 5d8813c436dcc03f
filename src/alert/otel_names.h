// SPDX-License-Identifier: Apache-2.0
//
// What OpenTelemetry's semantic conventions call the members of an alert. Only those stand here that the conventions
// call otherwise or want in another form; k8s.* and a good part of the rest have one name in both, and what the
// conventions do not know keeps the name that it has.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bongsu {

enum class OtelForm : std::uint8_t {
  as_is,
  list,  // an array of strings, of what is one string here
  text,  // a string, of what is a number here
};

struct OtelName {
  std::string_view name;  // the path in an alert
  std::string_view otel;  // the attribute
  OtelForm form = OtelForm::as_is;
};

[[nodiscard]] std::span<const OtelName> otel_names();  // by `name`

// The attribute for the member at that path; for most, the path itself.
[[nodiscard]] OtelName otel_name(std::string_view name);

}  // namespace bongsu
