// SPDX-License-Identifier: Apache-2.0
//
// Which alerts a sink wants.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "alert/alert.h"

namespace bongsu {

struct SinkFilter {
  Severity min_severity = Severity::info;
  std::vector<std::string> tags;  // any of them; empty: all alerts

  [[nodiscard]] bool wants(const Alert& alert) const;
};

}  // namespace bongsu
