// SPDX-License-Identifier: Apache-2.0
//
// event.id: a UUID of version 7 (RFC 9562, 5.7), so that ids sort by time and a receiver can drop what it has already
// seen. Made of what was found and nothing else: the same event and rule give the same id, in a replay too.
#pragma once

#include <string>

#include "events/event_view.h"
#include "rules/rule.h"

namespace bongsu {

// 48 bits of milliseconds, 12 of the fraction (RFC 9562, 6.2, method 3), both of the event's own time; 62 bits of a
// SHA-256 over what tells this finding from others: process (which names the boot), thread, time, event, rule; and
// whether it is a roll-up that begins with the event.
[[nodiscard]] std::string make_event_id(const EventView& event, const Rule& rule, bool rollup = false);

}  // namespace bongsu
