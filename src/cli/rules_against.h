// SPDX-License-Identifier: Apache-2.0
//
// `bongsu rules test --against FILE`: how often rules would have fired on events that happened.
#pragma once

#include <string>
#include <vector>

#include "rules/engine.h"

namespace bongsu {

// Prints; returns the exit code. `ids`: only these rules, none: all.
int test_against(const LoadedRules& loaded, const std::string& path, const std::vector<std::string>& ids, bool json);

}  // namespace bongsu
