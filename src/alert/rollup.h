// SPDX-License-Identifier: Apache-2.0
//
// What one alert tells of several that were held back.
#pragma once

#include <cstdint>

namespace bongsu {

struct Rollup {
  std::uint64_t count = 0;    // alerts held back, the one it is told with included
  std::int64_t first_ns = 0;  // times of their events, since the Unix epoch
  std::int64_t last_ns = 0;
};

}  // namespace bongsu
