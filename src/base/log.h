// SPDX-License-Identifier: Apache-2.0
//
// The program's own log, on stderr; never on the way of a record from the ring to its verdict. spdlog behind names of
// our own, so that a room does not depend on its headers' options.
#pragma once

#include <spdlog/spdlog.h>

namespace bongsu::log {

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;

inline void flush() { spdlog::default_logger_raw()->flush(); }

}  // namespace bongsu::log
