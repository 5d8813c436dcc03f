// SPDX-License-Identifier: Apache-2.0
//
// Times and sizes written as parse_duration_ns() and parse_size_bytes() read them, in the largest unit that divides
// them.
#pragma once

#include <cstdint>
#include <string>

namespace bongsu {

[[nodiscard]] std::string format_duration_ns(std::int64_t nanoseconds);
[[nodiscard]] std::string format_size_bytes(std::int64_t bytes);

}  // namespace bongsu
