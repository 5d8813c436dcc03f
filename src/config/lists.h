// SPDX-License-Identifier: Apache-2.0
//
// The lists of destinations: what is done with each of them alike.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "config/keys.h"

namespace bongsu {

struct ConfigList {
  std::string_view path;                      // "webhooks"
  std::string_view what;                      // "webhook": begins the name of one that has none
  std::string_view noun;                      // in messages
  std::string_view primary;                   // the key that a single text stands for: "url"
  std::vector<std::string_view> required;     // of which each element has exactly one
  Status (*check)(const Elements& elements);  // of an element as a whole
  void (*clear)(Config& config);
  void (*add)(Config& config, const Elements& elements);
  void (*append)(Config& config, const Config& from);  // those of another
  std::vector<DestinationConfig*> (*all)(Config& config);
};

[[nodiscard]] std::span<const ConfigList> config_lists();
[[nodiscard]] const ConfigList* find_list(std::string_view path);

// Gives names to the destinations that have none, and refuses two with the same, or with the same spool. The error's
// pointer is the list's.
[[nodiscard]] Status name_destinations(Config& config);

// Where alerts wait for a destination: its own spool, or one below spool.directory. Without a directory: nowhere.
[[nodiscard]] SpoolConfig spool_of(const Config& config, const DestinationConfig& destination, SpoolConfig own);

}  // namespace bongsu
