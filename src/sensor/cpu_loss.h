// SPDX-License-Identifier: Apache-2.0
//
// What the perf buffer of one CPU had no room for, since the sensor was opened.
#pragma once

#include <cstdint>

namespace bongsu {

struct CpuLoss {
  int cpu;
  std::uint64_t count;  // records
};

}  // namespace bongsu
