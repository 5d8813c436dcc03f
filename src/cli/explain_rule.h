// SPDX-License-Identifier: Apache-2.0
//
// What `bongsu rules explain` prints about rules without an event.
#pragma once

#include <string>

#include "rules/engine.h"
#include "rules/ir.h"

namespace bongsu {

// A table of all rules and what they cost, and the rules that cost most with how to narrow them.
[[nodiscard]] std::string rules_overview(const LoadedRules& loaded);

// One rule: its events and the hooks they turn on, its match as a tree, what silences and limits it, its cost.
[[nodiscard]] std::string rule_in_words(const ir::Rule& rule);

}  // namespace bongsu
