// SPDX-License-Identifier: Apache-2.0
#include "config/environment.h"

#include <algorithm>

#include "base/strings.h"
#include "config/lists.h"
#include "config/load.h"
#include "config/set.h"

namespace bongsu {
namespace {

bool is_address(std::string_view value) {
  return value.starts_with("tcp://") || value.starts_with("udp://") || value.starts_with("sctp://");
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "_PORT_9464_TCP" and what follows it: nothing, "_PROTO", "_PORT" or "_ADDR".
bool has_port_link(std::string_view name) {
  for (std::size_t at = name.find("_PORT_"); at != std::string_view::npos; at = name.find("_PORT_", at + 1)) {
    const std::string_view rest = name.substr(at + 6);
    const std::size_t end = rest.find('_');
    if (end == std::string_view::npos || !all_digits(rest.substr(0, end))) {
      continue;
    }
    for (const std::string_view protocol : {"_TCP", "_UDP", "_SCTP"}) {
      for (const std::string_view tail : {"", "_PROTO", "_PORT", "_ADDR"}) {
        if (rest.substr(end) == std::string(protocol) + std::string(tail)) {
          return true;
        }
      }
    }
  }
  return false;
}

}  // namespace

bool is_service_link(std::string_view name, std::string_view value) {
  return name.ends_with("_SERVICE_HOST") || name.ends_with("_SERVICE_PORT") ||
         name.find("_SERVICE_PORT_") != std::string_view::npos || (name.ends_with("_PORT") && is_address(value)) ||
         has_port_link(name);
}

Status apply_environment(Config& config, const Environment& environment) {
  std::vector<std::string> names;
  for (const Key& key : config_keys()) {
    names.push_back(key.status == KeyStatus::ignored ? "" : variable_name(key.path));
  }
  for (auto variable = environment.lower_bound("BONGSU_");
       variable != environment.end() && variable->first.starts_with("BONGSU_"); ++variable) {
    const auto& [name, value] = *variable;
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) {
      const Key& key = config_keys()[static_cast<std::size_t>(found - names.begin())];
      if (auto status = set_from_text(config, key, value, name); !status) {
        return status;
      }
    } else if (!is_service_link(name, value)) {
      const std::vector<std::string_view> candidates(names.begin(), names.end());
      const std::string_view near = nearest(name, candidates);
      std::string message;
      append_printable(message, name);
      return fail(message + ": unknown variable", near.empty() ? "remove it, or see the keys of the configuration"
                                                               : "did you mean " + std::string(near) + "?");
    }
  }
  return name_destinations(config);
}

}  // namespace bongsu
