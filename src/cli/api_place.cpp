// SPDX-License-Identifier: Apache-2.0
#include "cli/api_place.h"

#include <string>
#include <string_view>

namespace bongsu {

ApiPlace api_place(const KubernetesConfig& config, const Environment& environment) {
  const auto variable = [&](std::string_view name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  };
  ApiPlace place;
  switch (config.api) {
    case KubernetesConfig::Api::automatic:
      place.use = ApiPlace::Use::automatic;
      break;
    case KubernetesConfig::Api::on:
      place.use = ApiPlace::Use::on;
      break;
    case KubernetesConfig::Api::off:
      place.use = ApiPlace::Use::off;
      break;
  }
  place.host = variable("KUBERNETES_SERVICE_HOST");
  place.port = variable("KUBERNETES_SERVICE_PORT");
  place.node = config.node_name;
  return place;
}

}  // namespace bongsu
