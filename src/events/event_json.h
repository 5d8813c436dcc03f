// SPDX-License-Identifier: Apache-2.0
//
// An event as nested JSON with ECS names: `process.parent.name` becomes {"process":{"parent":{"name":...}}}. A map's
// keys stand as they are, dots and all: {"k8s":{"pod":{"label":{"app.kubernetes.io/name":...}}}}.
#pragma once

#include <string>
#include <string_view>

#include "events/event_view.h"

namespace bongsu {

// Appends the members of all fields that have a value, without the outer braces, so that a caller can put its own
// beside them: `"@timestamp":"...","process":{...}`. Appends nothing when no field has a value. The caller's own
// top-level keys must not be among those of the fields.
void append_event_members(std::string& out, const EventView& event);

// The same, with members of the caller's inside one top-level object of the fields: ("event",
// R"("id":"x","kind":"alert")"). They come first in it; where no field opens the object, it is written for them alone.
// Their names must not be among the fields'.
void append_event_members(std::string& out, const EventView& event, std::string_view object, std::string_view members);

// The same as one complete object on one line, without the newline.
void append_event_json(std::string& out, const EventView& event);

// One value as JSON (`null` for kind none).
void append_value_json(std::string& out, const Value& value);

// One value as text for people: escaped for a terminal, lists joined by spaces, maps as key=value; nothing for kind
// none.
void append_value_text(std::string& out, const Value& value);

}  // namespace bongsu
