// SPDX-License-Identifier: Apache-2.0
//
// What the monitor says of itself is alerted by rules of its own: they are no user's, so no file can switch them off.
#pragma once

#include "events/catalogue.h"
#include "rules/rule.h"

namespace bongsu {

// The rule of drop, flood, degraded, tamper or rule_error; null for other events.
[[nodiscard]] const Rule* agent_rule(EventType type);

// The rule of the heartbeats that a destination asks for.
[[nodiscard]] const Rule& heartbeat_rule();

}  // namespace bongsu
