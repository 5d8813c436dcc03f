// SPDX-License-Identifier: Apache-2.0
//
// The JSON Schema (2020-12) of rule files, made from the tables of events, fields and operators: what an editor needs
// to complete and explain a rule while it is written. It accepts what the checker accepts, but for what a schema cannot
// say: whether a list, macro or rule that is named is there, whether a regex or glob is one, whether a number fits.
#pragma once

#include <string>

namespace bongsu {

[[nodiscard]] std::string rules_schema();

}  // namespace bongsu
