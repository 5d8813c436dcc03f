// SPDX-License-Identifier: Apache-2.0
//
// The Retry-After header of an answer (RFC 9110, 10.2.3): seconds, or a date.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bongsu {

// How long from `now_unix_ns`; nothing when it is neither form. A date in the past is no wait.
[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_retry_after(std::string_view text,
                                                                        std::int64_t now_unix_ns);

}  // namespace bongsu
