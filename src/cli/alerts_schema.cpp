// SPDX-License-Identifier: Apache-2.0
#include "alert/members.h"
#include "cli/alerts_command.h"

namespace bongsu {

void add_alerts_schema(CommandLine& line, CLI::App& alerts) {
  CLI::App* schema = add_command(alerts, "schema", "Print the JSON Schema (2020-12) of an alert",
                                 "  bongsu alerts schema >alert.schema.json\n");
  schema->callback([&line] { line.action = [] { return print_output(alert_schema()); }; });

  CLI::App* reference =
      add_command(alerts, "reference", "Print all that an alert can have, with an example, as Markdown",
                  "  bongsu alerts reference >docs/alerts.md\n");
  reference->callback([&line] { line.action = [] { return print_output(alerts_markdown()); }; });
}

}  // namespace bongsu
