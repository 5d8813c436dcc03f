// SPDX-License-Identifier: Apache-2.0
//
// Reads what engines keep beside the OCI bundle, for the bundles of Docker and Podman do not name the container. Pure
// text, trusted as little as the bundle. False, or nothing, when the text is not of the kind.
#pragma once

#include <string>
#include <string_view>

#include "identity/container_facts.h"

namespace bongsu {

// Docker's config.v2.json of one container; cri-dockerd notes the pod in its labels.
[[nodiscard]] bool add_docker_config(std::string_view json, ContainerFacts& facts);

// containers.json of containers/storage, where Podman notes the names of all containers. Another container than `id` is
// passed over.
[[nodiscard]] bool add_storage_entry(std::string_view json, std::string_view id, ContainerFacts& facts);

// Where the bundle is that a runc state.json is about; empty when it does not tell.
[[nodiscard]] std::string runc_bundle(std::string_view json);

}  // namespace bongsu
