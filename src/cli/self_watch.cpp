// SPDX-License-Identifier: Apache-2.0
#include "cli/self_watch.h"

#include <fmt/format.h>

namespace bongsu {

void SelfWatch::look(Sensor& sensor, std::int64_t now_ns, const Tell& tell) {
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  if (last_ns_ != 0 && now_ns - last_ns_ > kStoppedNs) {
    tell("stopped", fmt::format("the monitor did not run for {} s: stopped by a signal, or starved of CPU",
                                (now_ns - last_ns_) / kSecondNs));
  }
  last_ns_ = now_ns;
  for (const std::string& map : sensor.restore_settings()) {
    tell("map " + map, "changed by another than the monitor; set right again");
  }
}

}  // namespace bongsu
