// SPDX-License-Identifier: Apache-2.0
#include "cli/config_keeper.h"

#include "base/log.h"
#include "config/secrets.h"

namespace bongsu {

Result<ConfigKeeper> ConfigKeeper::open(Read read, std::filesystem::path file) {
  ConfigKeeper keeper(std::move(read), std::move(file));
  auto config = keeper.read_();
  if (!config) {
    return tl::make_unexpected(config.error());
  }
  // Which files hold secrets is known only now; what has changed since they were read is read again.
  keeper.watch(*config);
  config = keeper.read_();
  if (!config) {
    return tl::make_unexpected(config.error());
  }
  keeper.config_ = *std::move(config);
  return keeper;
}

Result<Config> ConfigKeeper::read() {
  watch(config_);
  auto config = read_();
  if (config && secret_files(*config) != secret_files(config_)) {
    watch(*config);
    config = read_();
  }
  return config;
}

void ConfigKeeper::take(Config config) { config_ = std::move(config); }

void ConfigKeeper::watch(const Config& config) {
  std::vector<std::filesystem::path> files = secret_files(config);
  files.push_back(file_);
  watch_ = FileWatch(std::move(files));
  if (const Status renewed = watch_.renew(); !renewed) {
    log::warn("{}", renewed.error().to_string());
  }
}

}  // namespace bongsu
