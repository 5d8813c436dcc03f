// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/rules_command.h"

namespace bongsu {
namespace {

int check(const RulePaths& paths) {
  const auto loaded = load_rules_now(paths);
  if (!loaded) {
    return print_error(loaded.error());
  }
  std::string out;
  const std::size_t errors = append_diagnostics(out, *loaded);
  const std::size_t rules = loaded->rules ? loaded->rules->rules().size() : 0;
  out += counted(loaded->files, "file") + ", " + counted(rules, "good rule") + ", " + counted(errors, "error") + ", " +
         counted(loaded->diagnostics.size() - errors, "warning") + "\n";
  const int printed = print_output(out);
  return errors == 0 ? printed : kFailure;
}

}  // namespace

void add_rules_check(CommandLine& line, CLI::App& rules) {
  CLI::App* command = add_command(rules, "check", "Find every mistake in rule files, each with its place",
                                  "  bongsu rules check rules/ /etc/bongsu/rules.d\n\n"
                                  "Exits 1 when there is an error, 0 when there are only warnings.");
  auto paths = std::make_shared<RulePaths>();
  command->add_option("paths", *paths, "Rule files, or directories of *.json files")->required();
  command->callback([&line, paths] { line.action = [paths] { return check(*paths); }; });
}

}  // namespace bongsu
