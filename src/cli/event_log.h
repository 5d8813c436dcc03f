// SPDX-License-Identifier: Apache-2.0
//
// Events from a file, one after the other: what `rules test --against` and `rules explain` judge. A log is lines of
// JSON, as `bongsu trace --format json` and alerts have it, or a recording of `bongsu record`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "events/event_view.h"

namespace bongsu {

struct EventLogTotals {
  std::uint64_t events = 0;
  bool recording = false;
  std::uint64_t unreadable = 0;                  // lines that are no event
  std::string first_unreadable;                  // "12: expected a value, found 'x'"
  std::string incomplete;                        // of a recording: why it ends before its end, or what it lacks
  std::map<std::string, std::uint64_t> unknown;  // values that are no field of an event, by name; at most kMaxNames
};

// Calls on_event for each event of the file, `-` being standard input. `line` is the number of its line, or of the
// event in a recording. A line that is no event is counted and passed over. Fails when the file cannot be read.
[[nodiscard]] Result<EventLogTotals> read_event_log(
    const std::string& path, const std::function<void(const EventView& event, std::uint64_t line)>& on_event);

}  // namespace bongsu
