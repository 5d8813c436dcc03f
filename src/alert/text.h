// SPDX-License-Identifier: Apache-2.0
//
// An alert as two lines for a terminal: what and how bad, then where and who. Nothing an event holds can move the
// cursor.
#pragma once

#include <string>
#include <string_view>

#include "events/event_view.h"
#include "rules/rule.h"

namespace bongsu {

void append_alert_text(std::string& out, const EventView& event, const Rule& rule, std::string_view message,
                       bool colour);

// At most `most` bytes of `text`, "..." included where something was cut; a UTF-8 character is not cut in two.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t most);

}  // namespace bongsu
