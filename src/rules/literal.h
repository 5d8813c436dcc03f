// SPDX-License-Identifier: Apache-2.0
//
// A typed operand: one JSON scalar read as a value of a field. Booleans, dates (nanoseconds since the Unix epoch),
// times and sizes are integers here; the field's type says which.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/json_document.h"
#include "base/result.h"
#include "events/catalogue.h"

namespace bongsu {

using Literal = std::variant<std::int64_t, std::string>;

// "a string", "a whole number", ... : what a value of the field is, for messages.
[[nodiscard]] std::string_view article_name(FieldType type);

// Reads a scalar as a value of the field, or as one of its items. Numbers take a unit where the field has one: "90s",
// "64KiB".
[[nodiscard]] Result<Literal> to_literal(const JsonNode& node, const FieldInfo& field);

// "2026-11-21T07:34:20.5Z" (RFC 3339, offsets included) in nanoseconds since the Unix epoch. False when not of that
// form.
[[nodiscard]] bool parse_timestamp(std::string_view text, std::int64_t& unix_ns);

}  // namespace bongsu
