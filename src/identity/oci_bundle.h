// SPDX-License-Identifier: Apache-2.0
//
// Reads the config.json of an OCI bundle (OCI runtime specification): what its engine noted of the container in
// annotations, and whether it is privileged. Pure text, and not trusted: texts that are too long or hold control
// characters are left out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "identity/container_facts.h"

namespace bongsu {

inline constexpr std::size_t kMaxBundleBytes = std::size_t{4} << 20;

// `runtime` is what the place of the bundle tells, or the cgroup's path: only the annotations of that one count, for
// others may be the pod's own. Empty: the annotations tell whose they are. Nothing when it is no JSON.
[[nodiscard]] std::optional<ContainerFacts> parse_oci_bundle(std::string_view json, std::string_view runtime);

// The text when it can be shown, else nothing.
[[nodiscard]] std::string_view presentable(std::string_view text);

// Takes an image reference apart and into the facts; what is known already stays.
void add_image(ContainerFacts& facts, std::string_view reference);

}  // namespace bongsu
