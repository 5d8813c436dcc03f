// SPDX-License-Identifier: Apache-2.0
//
// Why a rule fires, or does not, on events that came one after the other: what decided, in one line.
#pragma once

#include <span>
#include <string>

#include "rules/ir.h"
#include "rules/json_event_view.h"

namespace bongsu {

// `fired`: what the engine said.
[[nodiscard]] std::string why(const ir::Rule& rule, std::span<const JsonEventView> events, bool fired);

}  // namespace bongsu
