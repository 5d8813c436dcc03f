// SPDX-License-Identifier: Apache-2.0
//
// The other direction of metrics.h: the samples of a Prometheus text, for who asks a monitor how it is.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace bongsu {

struct ReadSample {
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;

  // Empty when there is no such label.
  [[nodiscard]] std::string_view label(std::string_view wanted) const;
};

// Comments are left out. An error names the line.
[[nodiscard]] Result<std::vector<ReadSample>> read_prometheus(std::string_view text);

}  // namespace bongsu
