// SPDX-License-Identifier: Apache-2.0
//
// Names in the environment that begin with BONGSU_ and are none of ours.
#pragma once

#include <string_view>

namespace bongsu {

// Kubernetes puts the address of every Service of the namespace into each container's environment ("service links"):
// with a Service named bongsu, BONGSU_SERVICE_HOST, BONGSU_PORT, BONGSU_PORT_9464_TCP and more. They are nobody's
// typing error.
[[nodiscard]] bool is_service_link(std::string_view name, std::string_view value);

}  // namespace bongsu
