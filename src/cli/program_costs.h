// SPDX-License-Identifier: Apache-2.0
//
// What the BPF programs cost: the table of `bongsu doctor --cost`.
#pragma once

#include <string>

#include "sensor/sensor.h"

namespace bongsu {

// Each program with its size and mean run time, and what the return dispatcher took for each event that it told.
[[nodiscard]] std::string program_costs_text(const Sensor& sensor, bool json);

}  // namespace bongsu
