// SPDX-License-Identifier: Apache-2.0
//
// Warns where a missing value makes a condition true: `ne`, `not_in` and `not` on fields that events may lack, and
// where `ne` and `not_in` meet a field with several values.
#pragma once

#include <span>

#include "rules/ir.h"
#include "rules/report.h"

namespace bongsu {

void warn_about_absence(const ir::Step& step, Report& report);

}  // namespace bongsu
