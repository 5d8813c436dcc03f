// SPDX-License-Identifier: Apache-2.0
//
// For `doctor`: whether the pods of this node can be had from the API server, tried for real.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "kubernetes/discover.h"

namespace bongsu {

struct ApiCheckLine {
  std::string what;
  bool good = false;
  std::string text;
};

// One line where the API is not used (which is good, unless it was told to be `on`), else one for the list and one for
// the watch. Takes seconds when the server does not answer.
[[nodiscard]] std::vector<ApiCheckLine> check_api(const ApiPlace& place, const Clock& clock);

}  // namespace bongsu
