// SPDX-License-Identifier: Apache-2.0
#include "config/changes.h"

#include "config/keys.h"

namespace bongsu {

std::vector<std::string_view> changes_for_restart(const Config& before, const Config& after) {
  std::vector<std::string_view> changed;
  const auto value_of = [](const Key& key, const Config& config) {
    Config copy = config;  // slots are for writing too
    Elements none;
    return value_json(key, key.slot(copy, none));
  };
  for (const Key& key : config_keys()) {
    if (key.status == KeyStatus::at_start && value_of(key, before) != value_of(key, after)) {
      changed.push_back(key.path);
    }
  }
  return changed;
}

std::string destination_settings(std::string_view list, const Elements& elements) {
  const std::string element = std::string(list) + "[].";
  Elements copy = elements;  // slots are for writing too
  Config none;
  std::string text;
  for (const Key& key : destination_keys()) {
    if (!key.path.starts_with(element)) {
      continue;
    }
    const std::string_view name = key.path.substr(element.size());
    if (name != "min_severity" && name != "tags" && name != "heartbeat") {
      text += value_json(key, key.slot(none, copy)) + '\n';
    }
  }
  return text + elements.webhook.bearer_token + '\n' + elements.webhook.hmac_key + '\n' + elements.webhook.tls.digest +
         elements.syslog.tls.digest;
}

}  // namespace bongsu
