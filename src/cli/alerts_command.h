// SPDX-License-Identifier: Apache-2.0
//
// What the commands below `bongsu alerts` share; each of them is a file of its own.
#pragma once

#include "cli/command_line.h"

namespace bongsu {

void add_alerts_render(CommandLine& line, CLI::App& alerts);
void add_alerts_schema(CommandLine& line, CLI::App& alerts);  // schema, and reference

}  // namespace bongsu
