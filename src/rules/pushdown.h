// SPDX-License-Identifier: Apache-2.0
//
// Which of the rules' conditions the kernel side may judge: from the checked rules come the tables of events/gates.h,
// by which an event that no rule can match is not told. They may let too much pass, never too little; what a rule
// excepts is left to user space.
#pragma once

#include <cstddef>
#include <span>

#include "events/gates.h"
#include "rules/ir.h"
#include "rules/pushdown_need.h"

namespace bongsu {

// Whether events of this type come only when a call returns: of others, every one is told.
[[nodiscard]] bool is_gated(EventType type);

// What it takes for an event of this type, which is a gated one, to meet the rule's step, and to be of use to the rule
// when it does: where a sequence is about one container, its other steps say where that is. None: it cannot.
[[nodiscard]] Needs needs_of(const ir::Rule& rule, std::size_t step, EventType type);

// Of the rules that are switched on, each step of a sequence by itself.
[[nodiscard]] Gates derive_gates(std::span<const ir::Rule> rules);

}  // namespace bongsu
