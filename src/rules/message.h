// SPDX-License-Identifier: Apache-2.0
//
// A rule's message: parsed once, filled in for each alert.
//   {process.name}                         the field's value
//   {k8s.pod.uid|container.id|"the host"}  the first that has a value, else the text
//   {{ and }}                              braces
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "events/event_view.h"
#include "rules/rule.h"

namespace bongsu {

// Fields have to exist on at least one of `events`; the error has a suggestion.
[[nodiscard]] Result<std::vector<MessagePart>> parse_message(std::string_view text, std::span<const EventType> events);

// The message for one event, safe to print: one line, control characters escaped. A placeholder without value and
// without text shows as "-".
[[nodiscard]] std::string render_message(const Rule& rule, const EventView& event);

}  // namespace bongsu
