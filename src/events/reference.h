// SPDX-License-Identifier: Apache-2.0
//
// The reference of events and fields, written from the tables: docs/events.md and what `bongsu events` prints. The same
// tables give the same bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "events/catalogue.h"

namespace bongsu {

// The whole of docs/events.md.
[[nodiscard]] std::string events_markdown();

// {"events":[{name,family,ring,category,type,doc,fields:[names],rungs:[{rung,program,hook,blind}]}],
//  "fields":[{name,type,unit,scope,doc}]}, one event or field a line. An event's `fields` are all that it can have.
[[nodiscard]] std::string events_json();

// For people at a terminal of at least 100 columns.
[[nodiscard]] std::string events_text();

// What the three are made of: the families in the order of the table, the events of one, the fields of scope `event`
// that an event has, the rungs of its ladder, and the other way round the events that have a field.
[[nodiscard]] std::vector<std::string_view> families();
[[nodiscard]] std::vector<EventInfo> events_of(std::string_view family);
[[nodiscard]] std::vector<FieldInfo> own_fields(EventType type);
[[nodiscard]] std::vector<HookInfo> rungs(EventType type);
[[nodiscard]] std::vector<EventInfo> events_with(FieldId id);

}  // namespace bongsu
