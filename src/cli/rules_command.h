// SPDX-License-Identifier: Apache-2.0
//
// What the commands below `bongsu rules` share; each of them is a file of its own.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line.h"
#include "rules/engine.h"
#include "rules/ir.h"

namespace bongsu {

void add_rules_check(CommandLine& line, CLI::App& rules);
void add_rules_test(CommandLine& line, CLI::App& rules);
void add_rules_list(CommandLine& line, CLI::App& rules);
void add_rules_explain(CommandLine& line, CLI::App& rules);
void add_rules_schema(CommandLine& line, CLI::App& rules);

using RulePaths = std::vector<std::filesystem::path>;

// As of now: what has expired no longer applies.
[[nodiscard]] Result<LoadedRules> load_rules_now(const RulePaths& paths);

// The paths, or where there are none those of `bongsu run` that exist.
[[nodiscard]] Result<LoadedRules> load_rules_or_default(const RulePaths& paths);

// Appends a line for each finding; returns the number of errors among them.
std::size_t append_diagnostics(std::string& out, const LoadedRules& loaded);

// The rule of this id, with the nearest one as hint where there is none.
[[nodiscard]] Result<const ir::Rule*> find_rule(const LoadedRules& loaded, std::string_view id);

// "1 file", "2 files".
[[nodiscard]] std::string counted(std::size_t count, std::string_view noun);

// "exec,fork,exit and 7 more": names of events, at most `most` of them.
[[nodiscard]] std::string event_names(const std::vector<EventType>& events, std::size_t most);

}  // namespace bongsu
