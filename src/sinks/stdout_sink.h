// SPDX-License-Identifier: Apache-2.0
//
// Alerts on standard output.
#pragma once

#include "alert/builder.h"
#include "config/config.h"

namespace bongsu {

// How the alert builder has to word alerts for this output: text only where it is shown, colour only on a terminal
// where it is wanted.
[[nodiscard]] TextStyle stdout_text_style(const StdoutConfig& config, bool is_terminal, bool colour);

}  // namespace bongsu
