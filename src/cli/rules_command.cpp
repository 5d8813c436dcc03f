// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "cli/command_line.h"
#include "rules/engine.h"
#include "rules/inline_test.h"

namespace bongsu {
namespace {

using Paths = std::vector<std::filesystem::path>;

// One line each; the number of errors among them.
std::size_t print_diagnostics(const LoadedRules& loaded, std::string& out) {
  std::size_t errors = 0;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    append_printable(out, diagnostic.to_string());
    out += '\n';
    errors += diagnostic.level == Diagnostic::Level::error ? 1 : 0;
  }
  return errors;
}

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

int check(const Paths& paths) {
  const auto loaded = load_rules(paths, SystemClock().wall_ns());
  if (!loaded) {
    return print_error(loaded.error());
  }
  std::string out;
  const std::size_t errors = print_diagnostics(*loaded, out);
  const std::size_t rules = loaded->rules ? loaded->rules->rules().size() : 0;
  out += counted(loaded->files, "file") + ", " + counted(rules, "good rule") + ", " + counted(errors, "error") + ", " +
         counted(loaded->diagnostics.size() - errors, "warning") + "\n";
  const int printed = print_output(out);
  return errors == 0 ? printed : kFailure;
}

int test(const Paths& paths) {
  const auto loaded = load_rules(paths, SystemClock().wall_ns());
  if (!loaded) {
    return print_error(loaded.error());
  }
  std::string out;
  const std::size_t errors = print_diagnostics(*loaded, out);
  std::size_t passed = 0;
  const std::vector<InlineTestResult> results = run_inline_tests(*loaded);
  for (const InlineTestResult& result : results) {
    if (result.passed) {
      ++passed;
    } else {
      append_printable(out, result.to_string());
      out += '\n';
    }
  }
  out += counted(passed, "test") + " passed, " + std::to_string(results.size() - passed) + " failed\n";
  const int printed = print_output(out);
  return errors == 0 && passed == results.size() ? printed : kFailure;
}

void add_paths(CLI::App* command, const std::shared_ptr<Paths>& paths) {
  command->add_option("paths", *paths, "Rule files, or directories of *.json files")->required();
}

}  // namespace

void add_rules_command(CommandLine& line) {
  CLI::App* rules = add_command(line.app, "rules", "Check and test rule files",
                                "  bongsu rules check rules/\n"
                                "  bongsu rules test rules/execution.json\n");
  rules->require_subcommand(1);
  auto paths = std::make_shared<Paths>();

  CLI::App* check_command = add_command(*rules, "check", "Find every mistake in rule files, each with its place",
                                        "  bongsu rules check rules/ /etc/bongsu/rules.d\n\n"
                                        "Exits 1 when there is an error, 0 when there are only warnings.");
  add_paths(check_command, paths);
  check_command->callback([&line, paths] { line.action = [paths] { return check(*paths); }; });

  CLI::App* test_command = add_command(*rules, "test", "Run the tests that rules carry",
                                       "  bongsu rules test rules/\n\n"
                                       "Exits 1 when a test fails or a rule has an error.");
  add_paths(test_command, paths);
  test_command->callback([&line, paths] { line.action = [paths] { return test(*paths); }; });
}

}  // namespace bongsu
