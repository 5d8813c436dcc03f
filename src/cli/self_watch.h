// SPDX-License-Identifier: Apache-2.0
//
// Looks after the monitor itself, once a tick: was it stopped in between, is what it set in the kernel still as it set
// it. What it finds can be told only afterwards; a heartbeat that stays away tells the rest.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "sensor/sensor.h"

namespace bongsu {

class SelfWatch {
 public:
  using Tell = std::function<void(std::string_view what, const std::string& how)>;

  // `now_ns` is the boot clock's, which goes on while a process is stopped.
  void look(Sensor& sensor, std::int64_t now_ns, const Tell& tell);

  // Ticks come every second; a loaded machine may make one late, but not so late.
  static constexpr std::int64_t kStoppedNs = 5'000'000'000;

 private:
  std::int64_t last_ns_ = 0;
};

}  // namespace bongsu
