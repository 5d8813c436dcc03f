// SPDX-License-Identifier: Apache-2.0
#include "cli/alerts_command.h"

namespace bongsu {

void add_alerts_command(CommandLine& line) {
  CLI::App* alerts = add_command(line.app, "alerts", "Show alerts as a webhook sends them, and what they are made of",
                                 "  bongsu alerts render --format slack alerts.jsonl\n"
                                 "  bongsu alerts schema >alert.schema.json\n"
                                 "  bongsu alerts reference >docs/alerts.md\n");
  alerts->require_subcommand(1);
  add_alerts_render(line, *alerts);
  add_alerts_schema(line, *alerts);
}

}  // namespace bongsu
