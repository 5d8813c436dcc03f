// SPDX-License-Identifier: Apache-2.0
//
// Sets up the program's log: stderr, UTC, one line an entry, whatever the names in it.
#pragma once

#include <string_view>

#include "base/result.h"

namespace bongsu {

// `level`: debug, info, warn, error, off.
[[nodiscard]] Status set_up_log(std::string_view level, bool colour);

}  // namespace bongsu
