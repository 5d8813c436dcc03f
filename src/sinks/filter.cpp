// SPDX-License-Identifier: Apache-2.0
#include "sinks/filter.h"

#include <algorithm>

namespace bongsu {

bool SinkFilter::wants(const Alert& alert) const {
  if (alert.severity < min_severity) {
    return false;
  }
  return tags.empty() || std::ranges::find_first_of(tags, alert.tags) != tags.end();
}

}  // namespace bongsu
