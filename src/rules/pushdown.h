// SPDX-License-Identifier: Apache-2.0
//
// Which of the rules' conditions the kernel side may judge: from the checked rules come the tables of events/gates.h,
// by which an event that no rule can match is not told. They may let too much pass, never too little; what a rule
// excepts is left to user space.
#pragma once

#include <span>
#include <vector>

#include "events/gates.h"
#include "rules/ir.h"
#include "rules/pushdown_need.h"

namespace bongsu {

// Whether events of this type come only when a call returns: of others, every one is told.
[[nodiscard]] bool is_gated(EventType type);

// What it takes for the step to be met by an event of this type, which is a gated one. None: it cannot be met.
[[nodiscard]] Needs needs_of(const ir::Step& step, EventType type);

// Of the rules that are switched on, each step of a sequence by itself.
[[nodiscard]] Gates derive_gates(std::span<const ir::Rule> rules);

}  // namespace bongsu
