// SPDX-License-Identifier: Apache-2.0
//
// What is asked of the API server, as request targets. https://kubernetes.io/docs/reference/using-api/api-concepts/
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bongsu {

// Metadata only: what a pod's specification says (its environment, its commands) never reaches us. An older proxy that
// does not know the form may send whole pods; no more is read of them.
inline constexpr std::string_view kAcceptPods =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
inline constexpr std::string_view kAcceptPodEvents =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

// A page of the node's pods. `version`: "0" is any that the server has at hand, "" the newest, else one not older.
// `continuation`: what the page before ended with; empty for the first.
[[nodiscard]] std::string list_target(std::string_view node, std::string_view version, std::string_view continuation);

// All changes after `version`, until the server ends it after about `timeout_s`.
[[nodiscard]] std::string watch_target(std::string_view node, std::string_view version, std::uint64_t timeout_s);

}  // namespace bongsu
