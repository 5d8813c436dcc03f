// SPDX-License-Identifier: Apache-2.0
//
// The configuration of `bongsu run` over time: when it is to be read anew. Watches its file and those that it names for
// secrets.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/file_watch.h"
#include "config/config.h"

namespace bongsu {

class ConfigKeeper {
 public:
  using Read = std::function<Result<Config>()>;  // all sources, but no secrets

  // Reads for the first time. `file` need not exist. A webhook whose secrets cannot be read is left out, for without it
  // the monitor still judges; it is taken when they are there.
  [[nodiscard]] static Result<ConfigKeeper> open(Read read, std::filesystem::path file);
  [[nodiscard]] const std::vector<std::string>& left_out() const { return left_out_; }  // why, each

  [[nodiscard]] const Config& config() const { return config_; }

  // Once a tick: whether files have changed.
  [[nodiscard]] bool due() { return watch_.changed(); }

  // Reads anew; take() what is to be in force.
  [[nodiscard]] Result<Config> read();
  void take(Config config);

 private:
  ConfigKeeper(Read read, std::filesystem::path file) : read_(std::move(read)), file_(std::move(file)), watch_({}) {}
  void watch(std::vector<std::filesystem::path> secrets);
  [[nodiscard]] Result<Config> read_watching();

  Read read_;
  std::filesystem::path file_;
  Config config_;
  std::vector<std::filesystem::path> watched_;  // files that hold secrets
  std::vector<std::string> left_out_;
  FileWatch watch_;
  std::string watch_trouble_;  // said
};

}  // namespace bongsu
