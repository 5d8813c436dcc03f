// SPDX-License-Identifier: Apache-2.0
//
// Which members of an alert are the Elastic Common Schema's, and which are our own.
#pragma once

#include <string_view>

namespace bongsu {

// The version of the schema whose names alerts carry.
inline constexpr std::string_view kEcsVersion = "8.17";

// Whether the member at that path is one of the schema's, with its meaning. All are but those that ecs_names.cpp names,
// and a test holds both to the published list.
[[nodiscard]] bool is_ecs_name(std::string_view path);

}  // namespace bongsu
