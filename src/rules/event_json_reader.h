// SPDX-License-Identifier: Apache-2.0
//
// An event from JSON as people and logs write it: nested, as `bongsu trace --format json` and alerts have it, or flat,
// {"process.name": "sh"}, or both.
#pragma once

#include <string>
#include <vector>

#include "base/json_document.h"
#include "base/result.h"
#include "rules/json_event_view.h"

namespace bongsu {

struct ReadEvent {
  JsonEventView event;
  std::vector<std::string> unknown;  // names of values that are no field of an event: an alert's rule.id, a typo
};

// The event's type is its event.action; without one it is `fallback`, where that is an event. Fails for what is no
// object, names no event, or has a value that is none of its field's type.
[[nodiscard]] Result<ReadEvent> read_event_json(const JsonNode& node, EventType fallback = EventType::none);

}  // namespace bongsu
