// SPDX-License-Identifier: Apache-2.0
//
// What `bongsu trace` says at its end: losses, and with --summary what each process did how often.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/event_source.h"

namespace bongsu {

// A line per process and event, most bytes and calls first: a table that fits 100 columns, or JSON objects.
[[nodiscard]] std::string totals_text(std::vector<Sensor::Total> totals, bool json);

// "12 events shown, 0 lost", and a line for each kind of loss.
[[nodiscard]] std::string loss_text(std::uint64_t shown, const EventSource& source);

}  // namespace bongsu
