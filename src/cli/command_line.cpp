// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <string>
#include <vector>

#include "base/strings.h"
#include "base/version.h"

namespace bongsu {
namespace {

// The app whose flags were being read: the deepest command that was named.
const CLI::App& current(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
  }
  return *at;
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name();
}

// The names that could have been meant by `word`: flags for a flag, commands for a command.
std::vector<std::string> candidates(const CLI::App& app, std::string_view word) {
  std::vector<std::string> names;
  if (word.starts_with('-')) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        names.push_back("--" + name);
      }
    }
  } else {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(command->get_name());
    }
  }
  return names;
}

Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& at = current(app);
  const std::string help = "see " + full_name(at) + " --help";
  const std::vector<std::string> left = app.remaining(true);
  // A word that is no command is both too much and a command too few; CLI11 tells the second first.
  const bool unknown_word = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                            dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (!unknown_word || left.empty()) {
    return {error.what(), help};
  }
  const std::string& word = left.front();
  const std::vector<std::string> names = candidates(at, word);
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view near = nearest(word, views);
  const std::string what = word.starts_with('-')                                              ? "unknown flag "
                           : at.get_subcommands([](const CLI::App*) { return true; }).empty() ? "unexpected argument "
                                                                                              : "unknown command ";
  return {what + word, (near.empty() ? "" : "did you mean " + std::string(near) + "? ") + help};
}

}  // namespace

int print_error(const Error& error) {
  std::string line = "bongsu: ";
  append_printable(line, error.to_string());
  std::cerr << line + "\n";  // unbuffered
  return kFailure;
}

int print_output(std::string_view text) {
  std::cout << text << std::flush;
  return std::cout ? kOk : print_error({"cannot write to standard output", {}});
}

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->footer("\nExamples:\n" + examples);
  command->get_help_ptr()->description("Print this help and exit");
  return command;
}

bool use_colour(const CommandLine& line, std::string_view choice, bool is_terminal) {
  if (choice != "auto") {
    return choice == "always";
  }
  const auto no_colour = line.environment.find("NO_COLOR");  // no-color.org: present and not empty
  const auto term = line.environment.find("TERM");
  return is_terminal && (no_colour == line.environment.end() || no_colour->second.empty()) &&
         (term == line.environment.end() || term->second != "dumb");
}

int run_command_line(CommandLine& line, int argc, const char* const* argv) {
  CLI::App& app = line.app;
  app.name("bongsu");
  app.description(
      "Container security monitor: sees what processes do through eBPF, names container and pod, judges by rules.");
  app.footer(
      "\nExamples:\n"
      "  sudo bongsu run --rules rules/               judge this host by rules, alerts on stdout\n"
      "  sudo bongsu trace exec,exit --container any  watch what containers execute\n"
      "  bongsu rules check my-rules/                 find mistakes before they go live\n\n"
      "Exit codes: 0 all is well, 1 something failed or was found, 2 the command line is wrong.");
  app.set_version_flag("-V,--version", "bongsu " + std::string(version()), "Print the version and exit");
  app.get_help_ptr()->description("Print this help and exit");
  app.require_subcommand(1);
  add_run_command(line);
  add_trace_command(line);
  add_record_command(line);
  add_replay_command(line);
  add_rules_command(line);
  add_alerts_command(line);
  add_events_command(line);
  add_doctor_command(line);
  add_verify_command(line);
  add_config_command(line);
  add_completion_command(line);
  add_version_command(line);
  if (argc <= 1) {
    std::cerr << app.help();
    return kUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion& call) {
    return print_output(std::string(call.what()) + "\n");
  } catch (const CLI::CallForHelp&) {
    return print_output(app.help());
  } catch (const CLI::CallForAllHelp&) {
    return print_output(app.help("", CLI::AppFormatMode::All));
  } catch (const CLI::ParseError& error) {
    print_error(usage_error(app, error));
    return kUsage;
  }
  return line.action ? line.action() : kUsage;
}

}  // namespace bongsu
