// SPDX-License-Identifier: Apache-2.0
#include "kubernetes/discover.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

#include "kubernetes/api_object.h"

namespace bongsu {
namespace {

bool parse_port(std::string_view text, std::uint16_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out != 0;
}

// A DNS-1123 subdomain; what it is made of needs no escaping in a selector.
bool is_node_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= kNameBytesMax && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == ':';
  });
}

Result<PodWatchOptions> look(const ApiPlace& place) {
  PodWatchOptions options;
  if (place.host.empty()) {
    return fail("KUBERNETES_SERVICE_HOST is not set, so this is no pod",
                "run it in the cluster (the chart does), or set kubernetes.api to off");
  }
  if (!is_host(place.host) || !parse_port(place.port, options.server.port)) {
    return fail("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no host and port",
                "they are set by the kubelet; unset them in the pod's env to get them back");
  }
  options.server.host = place.host;
  options.server.ca_file = place.directory + "/ca.crt";
  options.server.token_file = place.directory + "/token";
  for (const std::string* file : {&options.server.ca_file, &options.server.token_file}) {
    if (::access(file->c_str(), R_OK) != 0) {
      return fail_errno(*file, errno, "give the pod a service account with automountServiceAccountToken: true");
    }
  }
  if (!is_node_name(place.node)) {
    return fail(place.node.empty() ? "the node's name is not known" : "kubernetes.node_name is no name of a node",
                "set BONGSU_KUBERNETES_NODE_NAME from spec.nodeName, as the chart does");
  }
  options.node = place.node;
  return options;
}

}  // namespace

Result<ApiDiscovery> discover_api(const ApiPlace& place) {
  if (place.use == ApiPlace::Use::off) {
    return ApiDiscovery{std::nullopt, "kubernetes.api is off"};
  }
  auto options = look(place);
  if (options) {
    return ApiDiscovery{*std::move(options), ""};
  }
  if (place.use == ApiPlace::Use::on) {
    return fail("kubernetes.api is on, but " + options.error().message, options.error().hint);
  }
  return ApiDiscovery{std::nullopt, options.error().to_string()};
}

}  // namespace bongsu
