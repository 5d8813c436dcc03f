// SPDX-License-Identifier: Apache-2.0
//
// The names by which parts of an alert can be asked for: the fields of the catalogue, what the alert itself adds
// (`event.id`, `rule.name`, `message`), and the objects that hold some of them (`process`, `rule`).
#pragma once

#include <string_view>

#include "base/result.h"

namespace bongsu {

// Fails, with what could have been meant, for what no alert can have.
[[nodiscard]] Status check_alert_field(std::string_view name);

}  // namespace bongsu
