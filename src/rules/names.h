// SPDX-License-Identifier: Apache-2.0
//
// Names of events, families and fields as rules write them, and what to suggest when one is wrong.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "events/catalogue.h"

namespace bongsu {

// "exec", or a family: "process.*", "file.modify". Fails with a suggestion.
[[nodiscard]] Result<std::vector<EventType>> resolve_event(std::string_view name);

// A field that all of `events` can have. Fails with a suggestion.
[[nodiscard]] Result<FieldId> resolve_field(std::string_view name, std::span<const EventType> events);

// A field that has one value, which the fields of `by` and the like have to; else the error says what it is.
[[nodiscard]] Result<FieldId> resolve_single_field(std::string_view name, std::span<const EventType> events);
// What to write instead of the whole map: "k8s.pod.label.app".
[[nodiscard]] std::string map_hint(const FieldInfo& map);

// Whether events of the type may come without the field, in ordinary operation: outside a container, after a normal
// exit, ...
[[nodiscard]] bool can_be_absent(EventType event, FieldId field);

}  // namespace bongsu
