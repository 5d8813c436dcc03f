// SPDX-License-Identifier: Apache-2.0
//
// Pipeline: what it does when its files change.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "cli/pipeline.h"
#include "config/changes.h"

namespace bongsu {

// The rules in force stay when the new ones cannot be read, or what they need cannot be attached.
void Pipeline::reload(bool again) {
  Result<LoadedRules> loaded = parts_.rules.read(parts_.clock.wall_ns());
  Status taken = loaded ? source_->sensor().want(loaded->rules->wanted()) : tl::make_unexpected(loaded.error());
  if (!taken) {
    if (const bool news = rules_refused_.is_news(taken.error().to_string(), parts_.clock.boot_ns()); again && !news) {
      return;
    }
    parts_.rules.refuse();
    log::error("rules not reloaded: {}", taken.error().to_string());
    tell_errors("rules not reloaded: " + taken.error().to_string(),
                std::max<std::size_t>(parts_.rules.numbers().errors, 1));
    return;
  }
  rules_refused_.over();
  judge_.use(loaded->rules);
  if (parts_.recorder != nullptr) {
    parts_.recorder->reloaded();
  }
  parts_.rules.take(std::move(*loaded));
  gate(parts_.rules.gates());
  log::info("rules reloaded: {}", parts_.rules.numbers().rules);
  tell_errors("rules not in force: " + summary(parts_.rules.errors()), parts_.rules.errors().size());
  tell_degraded();
  publish_numbers();
}

// Without gates more events come, and the same alerts.
void Pipeline::gate(const Gates& gates) {
  if (!parts_.gates) {
    return;
  }
  if (Status gated = source_->sensor().gate(&gates); !gated) {
    log::warn("every event comes to user space: {}", gated.error().to_string());
    if (Status open = source_->sensor().gate(nullptr); !open) {
      log::error("the kernel side goes on with the old rules' needs: {}", open.error().to_string());
      tell_errors("the kernel side goes on with the old rules' needs: " + open.error().to_string(), 1);
    }
  }
}

void Pipeline::tell_errors(const std::string& what, std::size_t count) {
  if (count > 0) {
    tell(EventType::rule_error, {.reason = what, .count = static_cast<std::int64_t>(count)});
  }
}

// What was read before stays where the new cannot be used.
bool Pipeline::reconfigure(bool again) {
  Result<Config> next = parts_.config.read();
  Status taken = next ? follow(*next) : tl::make_unexpected(next.error());
  if (!taken) {
    if (const bool news = config_refused_.is_news(taken.error().to_string(), parts_.clock.boot_ns()); again && !news) {
      return false;
    }
    log::error("configuration not reloaded: {}", taken.error().to_string());
    tell_errors("configuration not reloaded: " + taken.error().to_string(), 1);
    return false;
  }
  config_refused_.over();
  const Config& now = parts_.config.config();
  const bool other_rules = next->rules != now.rules;
  const bool other_labels =
      next->kubernetes.labels != now.kubernetes.labels || next->kubernetes.annotations != now.kubernetes.annotations;
  parts_.config.take(*std::move(next));
  log::info("configuration reloaded");
  if (other_labels) {
    if (Status watched = watch_pods(); !watched) {
      log::error("labels and annotations of pods stay as they were: {}", watched.error().to_string());
    }
  }
  if (other_rules) {
    const std::vector<std::string>& paths = parts_.config.config().rules;
    parts_.rules.watch({paths.begin(), paths.end()});
    reload();
  }
  return other_rules;
}

Status Pipeline::follow(const Config& next) {
  const Config& now = parts_.config.config();
  look_for_losses(false);  // of sinks that go
  if (Status sinks = parts_.sinks.follow(next); !sinks) {
    return sinks;
  }
  for (const std::string_view key : changes_for_restart(now, next)) {
    log::warn("a change of {} waits for a restart", key);
  }
  if (const Exclusions exclusions(next.kubernetes); exclusions != Exclusions(now.kubernetes)) {
    judge_.exclude(exclusions);
    source_->sensor().forget_places();
  }
  return {};
}

}  // namespace bongsu
