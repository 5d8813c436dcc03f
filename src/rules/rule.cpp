// SPDX-License-Identifier: Apache-2.0
#include "rules/rule.h"

#include <algorithm>

namespace bongsu {

std::string_view to_string(Severity severity) { return kSeverityNames.at(static_cast<std::size_t>(severity) - 1); }

std::optional<Severity> parse_severity(std::string_view name) {
  const auto* const found = std::ranges::find(kSeverityNames, name);
  if (found == kSeverityNames.end()) {
    return std::nullopt;
  }
  return static_cast<Severity>(found - kSeverityNames.begin() + 1);
}

}  // namespace bongsu
