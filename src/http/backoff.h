// SPDX-License-Identifier: Apache-2.0
//
// How long to wait before trying again: exponential, with full jitter, so that many senders of one dead receiver do not
// come back in step.
#pragma once

#include <chrono>

#include "base/random.h"

namespace bongsu {

struct RetryPolicy {
  std::chrono::nanoseconds first{std::chrono::milliseconds(500)};
  std::chrono::nanoseconds max{std::chrono::seconds(60)};
};

// Random between 0 and min(max, first * 2^(failures - 1)); `failures` in a row, at least 1.
[[nodiscard]] std::chrono::nanoseconds backoff(const RetryPolicy& policy, unsigned failures, Random& random);

}  // namespace bongsu
