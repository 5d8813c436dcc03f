// SPDX-License-Identifier: Apache-2.0
//
// What differs between two configurations.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace bongsu {

// The keys, those of destinations apart, that have another value in `after` and are read at the start only
// (KeyStatus::at_start).
[[nodiscard]] std::vector<std::string_view> changes_for_restart(const Config& before, const Config& after);

// All of one element of a list as one text, but filters and heartbeat: two that deliver alike have the same. Holds
// secrets.
[[nodiscard]] std::string destination_settings(std::string_view list, const Elements& elements);

}  // namespace bongsu
