// SPDX-License-Identifier: Apache-2.0
//
// What a process costs its host, from /proc, under the names that Prometheus' own libraries give it.
#pragma once

#include <filesystem>
#include <vector>

#include "control/metrics.h"

namespace bongsu {

// Of the process itself: `proc` is /proc. What cannot be read is left out.
[[nodiscard]] std::vector<MetricFamily> process_metrics(const std::filesystem::path& proc);

}  // namespace bongsu
