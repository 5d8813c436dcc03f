// SPDX-License-Identifier: Apache-2.0
#include "http/backoff.h"

#include <algorithm>

namespace bongsu {

std::chrono::nanoseconds backoff(const RetryPolicy& policy, unsigned failures, Random& random) {
  std::chrono::nanoseconds most = std::min(policy.first, policy.max);
  for (unsigned doubled = 1; doubled < failures && most < policy.max; ++doubled) {
    most = most > policy.max / 2 ? policy.max : most * 2;
  }
  const auto bound = static_cast<std::uint64_t>(std::max<std::int64_t>(most.count(), 0)) + 1;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(random.below(bound)));
}

}  // namespace bongsu
