// SPDX-License-Identifier: Apache-2.0
//
// `bongsu rules explain RULE EVENT`: each condition's verdict on events that are given.
#pragma once

#include <string>

#include "rules/engine.h"
#include "rules/ir.h"

namespace bongsu {

// Prints; the exit code says whether the rule fires.
int explain_on_events(const LoadedRules& loaded, const ir::Rule& rule, const std::string& path);

}  // namespace bongsu
