// SPDX-License-Identifier: Apache-2.0
//
// An alert read back from the line that was written of it.
#pragma once

#include <string_view>

#include "alert/alert.h"
#include "base/result.h"

namespace bongsu {

// `line` is one JSON object. Fails when it is none, or none that has an event.id and a rule.id. Without text.
[[nodiscard]] Result<Alert> read_alert(std::string_view line);

}  // namespace bongsu
