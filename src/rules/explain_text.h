// SPDX-License-Identifier: Apache-2.0
//
// Conditions and values as words, for rules/explain.h and what prints rules. All of it printable.
#pragma once

#include <cstdint>
#include <string>

#include "events/event_view.h"
#include "rules/ir.h"

namespace bongsu {

// `one of "sh", "bash"`, `begins with "/tmp/"`: what is asked of a value.
[[nodiscard]] std::string condition_words(const ir::FieldTest& test);

// `"nginxx"`, `90s`, `["sh", "-c"]`, `no value`.
[[nodiscard]] std::string value_words(FieldId field, const EventView& event);

// `process.parent.name is "nginxx"`, `container.id has no value`.
[[nodiscard]] std::string field_and_value(FieldId field, const EventView& event);

// `90s` for 90 000 000 000: the largest unit that leaves a whole number.
[[nodiscard]] std::string duration_words(std::int64_t duration_ns);

}  // namespace bongsu
