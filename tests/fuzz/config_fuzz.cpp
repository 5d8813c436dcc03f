// SPDX-License-Identifier: Apache-2.0
//
// Any text as a configuration: up to the first zero byte the file; each part after that a variable of the environment
// (BONGSU_NAME=VALUE) or a flag's value (key=VALUE; key+=VALUE adds to a list). Nothing may crash, hang or grow; an
// error is one line, and what was taken can be shown and is no other than itself.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "config/changes.h"
#include "config/config.h"
#include "config/keys.h"
#include "config/listen.h"
#include "config/load.h"
#include "config/secrets.h"
#include "config/syslog_address.h"
#include "config/url.h"
#include "fuzz/support.h"

namespace {

using bongsu::Config;
using bongsu::fuzz::expect;
using bongsu::fuzz::next_part;
using bongsu::fuzz::one_line;

void look(Config config) {
  bongsu::Elements elements;
  for (const bongsu::Key& key : bongsu::config_keys()) {
    if (key.slot != nullptr) {
      const std::string shown = bongsu::value_json(key, key.slot(config, elements));
      expect(shown.empty() || nlohmann::json::accept(shown));
    }
  }
  expect(bongsu::changes_for_restart(config, config).empty());
  // Files that it names are not read: the input could name a device.
  expect(bongsu::secret_files(config).size() <= 6 * (config.webhooks.size() + config.syslog.size()));
  for (const bongsu::WebhookConfig& webhook : config.webhooks) {
    expect(!webhook.name.empty() && (webhook.url.empty() || bongsu::parse_url(webhook.url)));
  }
  for (const bongsu::SyslogConfig& syslog : config.syslog) {
    expect(!syslog.name.empty() && bongsu::parse_syslog_address(syslog.address));
  }
  expect(bongsu::parse_listen(config.http.listen).has_value());
}

template <typename Taken>
void look_at(const Taken& taken, const Config& config) {
  if (taken) {
    look(config);
  } else {
    expect(!taken.error().message.empty() && one_line(taken.error().to_string()));
  }
}

// A flag or a variable; what is wrong in one ends the start, so nothing is asked of the rest.
bool set(Config& config, bongsu::Environment& environment, std::string_view part) {
  const std::size_t equals = part.find('=');
  if (equals == std::string_view::npos) {
    return true;
  }
  std::string_view name = part.substr(0, equals);
  const std::string_view value = part.substr(equals + 1);
  if (name.starts_with("BONGSU_")) {
    environment.emplace(name, value);
    return true;
  }
  const bool adds = name.ends_with('+');
  if (adds) {
    name.remove_suffix(1);
  }
  if (bongsu::find_key(name) == nullptr) {
    return true;  // which key a flag is about, the program knows
  }
  const auto done = adds ? bongsu::add_config(config, name, value) : bongsu::set_config(config, name, value);
  look_at(done, config);
  return done.has_value();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = bongsu::fuzz::text_of(data, size);
  auto parsed = bongsu::parse_config(next_part(rest, '\0'), "fuzz.json");
  if (!parsed) {
    look_at(parsed, {});
    parsed = Config{};
  }
  Config& config = *parsed;
  look(config);
  bongsu::Environment environment;
  while (!rest.empty()) {
    if (!set(config, environment, next_part(rest, '\0'))) {
      config = {};
    }
  }
  const bongsu::Status applied = bongsu::apply_environment(config, environment);
  look_at(applied, config);
  return 0;
}
