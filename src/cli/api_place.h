// SPDX-License-Identifier: Apache-2.0
//
// Where the API server is, by configuration and environment.
#pragma once

#include "config/config.h"
#include "config/load.h"
#include "kubernetes/discover.h"

namespace bongsu {

[[nodiscard]] ApiPlace api_place(const KubernetesConfig& config, const Environment& environment);

}  // namespace bongsu
