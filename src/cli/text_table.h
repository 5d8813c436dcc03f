// SPDX-License-Identifier: Apache-2.0
//
// The table that `trace` prints for people: a header and one line an event, at most 100 columns wide.
#pragma once

#include <string>

#include "events/event_view.h"

namespace bongsu {

// Both append a line with its newline. Whatever names hold, a line is a line; what does not fit is cut and ends in
// "...".
void append_trace_header(std::string& out);
void append_trace_line(std::string& out, const EventView& event);

}  // namespace bongsu
