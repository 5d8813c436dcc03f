// SPDX-License-Identifier: Apache-2.0
//
// What the table of keys says, for editors and for people.
#pragma once

#include <string>

namespace bongsu {

// JSON Schema 2020-12 of the configuration file.
[[nodiscard]] std::string config_schema();

// Markdown: a table of the keys with type, default, variable and meaning, then those of later versions.
[[nodiscard]] std::string config_reference();

}  // namespace bongsu
