// SPDX-License-Identifier: Apache-2.0
//
// Which classes of addresses (enum bongsu_gate_address) can pass a test of destination.ip.
#pragma once

#include "rules/ir.h"
#include "rules/pushdown_need.h"

namespace bongsu {

// A bit for each class that has an address which passes, or which fails where `negated`; or may have one.
[[nodiscard]] TraitSet address_classes(const ir::FieldTest& test, bool negated);

}  // namespace bongsu
