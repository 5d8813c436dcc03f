// SPDX-License-Identifier: Apache-2.0
//
// Every process there is, as records, out of /proc: for kernels without task iterators (before 5.8). The same records
// as the iterator makes, with what /proc cannot tell left out: whether the executable lies in an overlay's upper layer,
// and a start time finer than a clock tick (start times are rounded down to one).
#pragma once

#include <filesystem>

#include "base/clock.h"
#include "base/result.h"
#include "sensor/sensor.h"

namespace bongsu {

// `proc` is a procfs of the initial pid namespace. Processes that end meanwhile may be missing.
[[nodiscard]] Status read_proc_snapshot(const std::filesystem::path& proc, const Clock& clock,
                                        const RecordHandler& handle);

}  // namespace bongsu
