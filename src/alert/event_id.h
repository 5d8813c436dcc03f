// SPDX-License-Identifier: Apache-2.0
//
// event.id: a UUID of version 7 (RFC 9562, 5.7), so that ids sort by time and a receiver can drop what it has already
// seen.
#pragma once

#include <cstdint>
#include <string>

#include "alert/random.h"

namespace bongsu {

// 48 bits of milliseconds, 12 of the fraction (RFC 9562, 6.2, method 3), 62 random.
[[nodiscard]] std::string make_event_id(std::int64_t unix_ns, Random& random);

}  // namespace bongsu
