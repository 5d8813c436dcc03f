// SPDX-License-Identifier: Apache-2.0
//
// The configuration from its three sources, each over the one before: the file, the BONGSU_ variables, the flags. All
// of them go through the same table and checks. The environment is passed in; nothing here reads it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/config.h"

namespace bongsu {

inline constexpr std::string_view kDefaultConfigPath = "/etc/bongsu/config.json";

using Environment = std::map<std::string, std::string, std::less<>>;

struct ConfigFile {
  std::filesystem::path path = kDefaultConfigPath;
  bool required = false;  // named by the user: its absence is an error
};

// The file (all defaults where it is absent and not required), then every variable of `environment` that begins with
// BONGSU_. An error reads "FILE:LINE:COLUMN: /pointer: what is wrong: what to do" or "BONGSU_NAME: ...".
[[nodiscard]] Result<Config> load_config(const ConfigFile& file, const Environment& environment);

// The text of a file, `source` its name in errors.
[[nodiscard]] Result<Config> parse_config(std::string_view text, std::string_view source);

[[nodiscard]] Status apply_environment(Config& config, const Environment& environment);

// For flags: sets a key by its path ("http.listen") from text. A list takes a JSON array, or one element of it: a
// string, or a webhook's URL. The error names neither key nor flag; the caller knows which it was.
[[nodiscard]] Status set_config(Config& config, std::string_view path, std::string_view text);

// The same, adding one element to a list key instead of replacing it.
[[nodiscard]] Status add_config(Config& config, std::string_view path, std::string_view text);

}  // namespace bongsu
