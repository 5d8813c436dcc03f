// SPDX-License-Identifier: Apache-2.0
//
// What one field test needs of an event: exactly, where the kernel side knows the field; else nothing.
#pragma once

#include "events/catalogue.h"
#include "rules/ir.h"
#include "rules/pushdown_need.h"

namespace bongsu {

// `negated`: what it takes for the test to be false. The event's type has gates (is_gated, rules/pushdown.h).
[[nodiscard]] Needs needs_of_test(const ir::FieldTest& test, EventType type, bool negated);

}  // namespace bongsu
