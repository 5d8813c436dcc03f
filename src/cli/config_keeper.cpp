// SPDX-License-Identifier: Apache-2.0
#include "cli/config_keeper.h"

#include "base/log.h"
#include "config/secrets.h"

namespace bongsu {

// Watches what it reads before it is read: what changes meanwhile is then seen afterwards. Which files hold secrets is
// known only from the reading, so it is read again when they are others.
Result<Config> ConfigKeeper::read_watching() {
  watch(watched_);
  auto config = read_();
  if (config && secret_files(*config) != watched_) {
    watch(secret_files(*config));
    config = read_();
  }
  return config;
}

Result<ConfigKeeper> ConfigKeeper::open(Read read, std::filesystem::path file) {
  ConfigKeeper keeper(std::move(read), std::move(file));
  auto config = keeper.read_watching();
  if (!config) {
    return tl::make_unexpected(config.error());
  }
  const auto without_secrets = [&keeper](auto& destination) {
    const Status secrets = read_secrets(destination);
    if (!secrets) {
      keeper.left_out_.push_back(secrets.error().to_string());
    }
    return !secrets;
  };
  std::erase_if(config->webhooks, without_secrets);
  std::erase_if(config->syslog, without_secrets);
  keeper.config_ = *std::move(config);
  return keeper;
}

Result<Config> ConfigKeeper::read() {
  auto config = read_watching();
  if (!config) {
    return config;
  }
  if (Status secrets = read_secrets(*config); !secrets) {
    return tl::make_unexpected(secrets.error());
  }
  return config;
}

void ConfigKeeper::take(Config config) { config_ = std::move(config); }

void ConfigKeeper::watch(std::vector<std::filesystem::path> secrets) {
  watched_ = std::move(secrets);
  std::vector<std::filesystem::path> files = watched_;
  files.push_back(file_);
  watch_ = FileWatch(std::move(files));
  const Status renewed = watch_.renew();
  const std::string trouble = renewed ? "" : renewed.error().to_string();
  if (!trouble.empty() && trouble != watch_trouble_) {
    log::warn("{}", trouble);
  }
  watch_trouble_ = trouble;
}

}  // namespace bongsu
