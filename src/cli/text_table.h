// SPDX-License-Identifier: Apache-2.0
//
// The table that `trace` prints for people: a header and one line an event, at most 100 columns wide, or as wide as
// the terminal if that is wider.
#pragma once

#include <cstddef>
#include <string>

#include "events/event_view.h"

namespace bongsu {

// Both append a line with its newline. Whatever names hold, a line is a line; what does not fit is cut and ends in
// "...".
inline constexpr std::size_t kTraceColumns = 100;
void append_trace_header(std::string& out);
void append_trace_line(std::string& out, const EventView& event, std::size_t columns = kTraceColumns);

// The text, or as much of it as fits and "...". A byte counts as a column: what is not ASCII never makes a line too
// wide.
[[nodiscard]] std::string cut_columns(std::string text, std::size_t columns);

}  // namespace bongsu
