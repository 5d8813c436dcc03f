// SPDX-License-Identifier: Apache-2.0
//
// A key's value given as text: by a variable of the environment or a flag.
#pragma once

#include <string_view>

#include "base/result.h"
#include "config/config.h"
#include "config/keys.h"

namespace bongsu {

// As set_config(), for a key at hand; `source` stands before errors where it is not empty.
[[nodiscard]] Status set_from_text(Config& config, const Key& key, std::string_view text, std::string_view source);

}  // namespace bongsu
