// SPDX-License-Identifier: Apache-2.0
#include "cli/logging.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <ctime>
#include <memory>
#include <string>
#include <utility>

#include "base/strings.h"

namespace bongsu {
namespace {

// The words of an entry, which may hold names that others chose, such as those of files: nothing in them forges a line
// or steers a terminal.
class PrintableWords final : public spdlog::custom_flag_formatter {
 public:
  static constexpr char kFlag = '*';

  void format(const spdlog::details::log_msg& entry, const std::tm& /*time*/, spdlog::memory_buf_t& line) override {
    text_.clear();
    append_printable(text_, {entry.payload.data(), entry.payload.size()});
    line.append(text_.data(), text_.data() + text_.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<PrintableWords>();
  }

 private:
  std::string text_;
};

}  // namespace

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
  auto line = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  line->add_flag<PrintableWords>(PrintableWords::kFlag).set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %*");
  logger->set_formatter(std::move(line));
  logger->set_level(spdlog::level::from_str(std::string(level)));
  spdlog::set_default_logger(std::move(logger));
  return {};
}

}  // namespace bongsu
