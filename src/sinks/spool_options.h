// SPDX-License-Identifier: Apache-2.0
//
// A spool as the configuration has it.
#pragma once

#include <cstdint>
#include <optional>

#include "config/config.h"
#include "sinks/spool.h"

namespace bongsu {

// Nothing: without a directory there is none.
[[nodiscard]] inline std::optional<Spool::Options> spool_options(const SpoolConfig& config) {
  if (config.directory.empty()) {
    return std::nullopt;
  }
  return Spool::Options{.directory = config.directory, .max_bytes = static_cast<std::uint64_t>(config.max_bytes)};
}

}  // namespace bongsu
