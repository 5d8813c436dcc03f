// SPDX-License-Identifier: Apache-2.0
//
// The program's command line. A command is one file: it declares its flags on an app of its own and leaves what is to
// be done when they have been read. Exit codes, the environment and terminals are known only in this room.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "base/result.h"
#include "config/load.h"

namespace bongsu {

// Exit codes.
inline constexpr int kOk = 0;
inline constexpr int kFailure = 1;  // it was tried and did not work, or a check found something
inline constexpr int kUsage = 2;    // the command line makes no sense

struct CommandLine {
  CLI::App app;
  Environment environment;
  bool stdout_is_terminal = false;
  bool stderr_is_terminal = false;
  std::function<int()> action;  // of the command that was given; set by its callback
};

void add_run_command(CommandLine& line);
void add_trace_command(CommandLine& line);
void add_record_command(CommandLine& line);
void add_replay_command(CommandLine& line);
void add_rules_command(CommandLine& line);
void add_alerts_command(CommandLine& line);
void add_events_command(CommandLine& line);
void add_doctor_command(CommandLine& line);
void add_verify_command(CommandLine& line);
void add_config_command(CommandLine& line);
void add_completion_command(CommandLine& line);
void add_version_command(CommandLine& line);

// "bongsu: what is wrong: what to do" on stderr, one line whatever the text holds; returns kFailure.
int print_error(const Error& error);

// Writes all of it to stdout; kFailure, with a line, when that is not possible.
int print_output(std::string_view text);

// A subcommand below `parent` with its description and examples (shown at the end of --help).
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples);

// Whether to colour what goes to a terminal: `choice` is auto, always or never; NO_COLOR and TERM=dumb speak for auto.
[[nodiscard]] bool use_colour(const CommandLine& line, std::string_view choice, bool is_terminal);

// Reads the command line and does what it says.
int run_command_line(CommandLine& line, int argc, const char* const* argv);

}  // namespace bongsu
