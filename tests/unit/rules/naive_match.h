// SPDX-License-Identifier: Apache-2.0
//
// The language's definition written down a second time, as simply as can be: straight from JSON and without any of the
// engine's parts.
#pragma once

#include <nlohmann/json.hpp>

namespace bongsu::testing {

// Whether an event, a flat object of fields, meets a match.
[[nodiscard]] bool naive_match(const nlohmann::json& condition, const nlohmann::json& event);

}  // namespace bongsu::testing
