// SPDX-License-Identifier: Apache-2.0
#include "cli/rules_command.h"
#include "rules/schema.h"

namespace bongsu {

void add_rules_schema(CommandLine& line, CLI::App& rules) {
  CLI::App* command =
      add_command(rules, "schema", "Print the JSON Schema (2020-12) of rule files, made from the events and fields",
                  "  bongsu rules schema >rules/rules.schema.json\n\n"
                  "With \"$schema\": \"./rules.schema.json\" in a rule file an editor completes and explains it.");
  command->callback([&line] { line.action = [] { return print_output(rules_schema()); }; });
}

}  // namespace bongsu
