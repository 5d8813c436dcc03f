// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/command_line.h"
#include "events/reference.h"

namespace bongsu {

void add_events_command(CommandLine& line) {
  CLI::App* command = add_command(line.app, "events", "List every event and field that rules and traces can name",
                                  "  bongsu events                          for reading\n"
                                  "  bongsu events --json | jq '.fields[].name'\n"
                                  "  bongsu events --markdown >docs/events.md\n");
  struct Form {
    bool json = false;
    bool markdown = false;
  };
  auto form = std::make_shared<Form>();
  CLI::Option* json = command->add_flag("--json", form->json, "As one JSON object");
  command->add_flag("--markdown", form->markdown, "As the reference page docs/events.md")->excludes(json);
  command->callback([&line, form] {
    line.action = [form] {
      if (form->json) {
        return print_output(events_json());
      }
      return print_output(form->markdown ? events_markdown() : events_text());
    };
  });
}

}  // namespace bongsu
