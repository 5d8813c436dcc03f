// SPDX-License-Identifier: Apache-2.0
//
// Where the API server is and who we are to it, from what a pod is given: the service account's files and the
// environment. The environment itself is read by the caller.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "kubernetes/pod_watch.h"

namespace bongsu {

struct ApiPlace {
  enum class Use : std::uint8_t { automatic, on, off };
  Use use = Use::automatic;
  std::string directory = "/var/run/secrets/kubernetes.io/serviceaccount";
  std::string host;  // KUBERNETES_SERVICE_HOST
  std::string port;  // KUBERNETES_SERVICE_PORT
  std::string node;  // the configuration's kubernetes.node_name
};

struct ApiDiscovery {
  std::optional<PodWatchOptions> options;  // server and node are set; none: the API is not used
  std::string why_not;                     // for a person
};

// With `on`, what is missing is an error that says what to do; with `automatic` it is a reason not to use the API.
[[nodiscard]] Result<ApiDiscovery> discover_api(const ApiPlace& place);

}  // namespace bongsu
