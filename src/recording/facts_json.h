// SPDX-License-Identifier: Apache-2.0
//
// What bundles and the API server told, as the JSON of their frames. Reading trusts nothing: what is missing is empty,
// what is not JSON is nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "identity/container_facts.h"
#include "identity/pod_facts.h"

namespace bongsu {

[[nodiscard]] std::string container_facts_json(const ContainerFacts& facts);
[[nodiscard]] std::optional<ContainerFacts> parse_container_facts(std::string_view json);

[[nodiscard]] std::string pod_change_json(const PodChange& change);
[[nodiscard]] std::optional<PodChange> parse_pod_change(std::string_view json);

}  // namespace bongsu
