// SPDX-License-Identifier: Apache-2.0
//
// What the sinks count, as metrics.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/metrics.h"
#include "sinks/sink.h"

namespace bongsu {

struct SinkNumbers {
  std::string name;
  SinkStats stats;
};

// `now_ns`: Clock::boot_ns(), for how long something has waited.
void add_sink_metrics(std::vector<MetricFamily>& out, const std::vector<SinkNumbers>& sinks, std::int64_t now_ns);

}  // namespace bongsu
