// SPDX-License-Identifier: Apache-2.0
//
// The program's own log, on stderr; never on the way of a record from the ring to its verdict. spdlog writes it, behind
// names of our own: what says a line depends on no header of spdlog, which costs a compiler seconds in each file.
#pragma once

#include <fmt/core.h>

#include <cstdint>

namespace bongsu::log {

enum class Level : std::uint8_t { debug, info, warn, error };

// Formats and writes one line, when the log is to show lines of this level.
void write(Level level, fmt::string_view format, fmt::format_args arguments);

void flush();

template <typename... Arguments>
void debug(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write(Level::debug, format, fmt::make_format_args(arguments...));
}

template <typename... Arguments>
void info(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write(Level::info, format, fmt::make_format_args(arguments...));
}

template <typename... Arguments>
void warn(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write(Level::warn, format, fmt::make_format_args(arguments...));
}

template <typename... Arguments>
void error(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write(Level::error, format, fmt::make_format_args(arguments...));
}

}  // namespace bongsu::log
