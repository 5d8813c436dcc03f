// SPDX-License-Identifier: Apache-2.0
#include "cli/logging.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <memory>
#include <string>

namespace bongsu {

Status set_up_log(std::string_view level, bool colour) {
  constexpr std::array<std::string_view, 5> kLevels = {"debug", "info", "warn", "error", "off"};
  bool known = false;
  for (const std::string_view one : kLevels) {
    known = known || one == level;
  }
  if (!known) {
    return fail("unknown log level " + std::string(level), "one of debug, info, warn, error, off");
  }
  auto logger = spdlog::stderr_color_mt("bongsu", colour ? spdlog::color_mode::always : spdlog::color_mode::never);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(std::string(level)));
  spdlog::set_default_logger(std::move(logger));
  return {};
}

}  // namespace bongsu
