// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <memory>

#include "cli/explain_event.h"
#include "cli/explain_rule.h"
#include "cli/rules_command.h"

namespace bongsu {
namespace {

struct Options {
  std::string rule;
  std::string event;
  RulePaths paths;
};

int explain(const Options& options) {
  const auto loaded = load_rules_or_default(options.paths);
  if (!loaded) {
    return print_error(loaded.error());
  }
  std::string findings;
  append_diagnostics(findings, *loaded);
  std::cerr << findings;
  if (options.rule.empty()) {
    return print_output(rules_overview(*loaded));
  }
  const Result<const ir::Rule*> rule = find_rule(*loaded, options.rule);
  if (!rule) {
    return print_error(rule.error());
  }
  if (options.event.empty()) {
    return print_output(rule_in_words(**rule));
  }
  return explain_on_events(*loaded, **rule, options.event);
}

}  // namespace

void add_rules_explain(CommandLine& line, CLI::App& rules) {
  CLI::App* command = add_command(
      rules, "explain", "Say what a rule asks and costs, or why it does or does not fire on an event",
      "  bongsu rules explain --rules rules/                       what all rules cost\n"
      "  bongsu rules explain shell-from-server --rules rules/     one rule in words\n"
      "  bongsu rules explain shell-from-server event.json         each condition's verdict\n"
      "  bongsu trace exec --format json --count 1 | bongsu rules explain shell-from-server -\n\n"
      "An event is a JSON object: flat, {\"event.action\": \"exec\", \"process.name\": \"sh\"}, or nested as\n"
      "trace and alerts have it. Several, as an array or a line each, are judged one after the other, for\n"
      "rules with count or sequence. With an event it exits 0 when the rule fires, 1 when it does not.");
  auto options = std::make_shared<Options>();
  command->add_option("rule", options->rule, "The rule's id; without it, a table of all rules");
  command->add_option("event", options->event, "A file with one event or several; - for stdin");
  command
      ->add_option("--rules", options->paths,
                   "A rule file, or a directory of them (repeatable; default: those that bongsu run reads)")
      ->expected(1)
      ->take_all();
  command->callback([&line, options] { line.action = [options] { return explain(*options); }; });
}

}  // namespace bongsu
