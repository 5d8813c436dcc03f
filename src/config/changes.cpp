// SPDX-License-Identifier: Apache-2.0
#include "config/changes.h"

#include "config/keys.h"

namespace bongsu {

std::vector<std::string_view> changes_for_restart(const Config& before, const Config& after) {
  std::vector<std::string_view> changed;
  const auto value_of = [](const Key& key, const Config& config) {
    Config copy = config;  // slots are for writing too
    WebhookConfig none;
    return value_json(key, key.slot(copy, none));
  };
  for (const Key& key : config_keys()) {
    if (key.status == KeyStatus::at_start && value_of(key, before) != value_of(key, after)) {
      changed.push_back(key.path);
    }
  }
  return changed;
}

std::string webhook_settings(const WebhookConfig& webhook) {
  constexpr std::string_view kElement = "webhooks[].";
  WebhookConfig copy = webhook;  // slots are for writing too
  Config none;
  std::string text;
  for (const Key& key : config_keys()) {
    const bool filters = key.path == "webhooks[].min_severity" || key.path == "webhooks[].tags";
    if (key.path.starts_with(kElement) && key.slot != nullptr && !filters) {
      text += value_json(key, key.slot(none, copy)) + '\n';
    }
  }
  return text + webhook.bearer_token + '\n' + webhook.tls_ca_digest;
}

}  // namespace bongsu
