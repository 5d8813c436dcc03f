// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/command_line.h"
#include "events/reference.h"
#include "events/syscalls_markdown.h"

namespace bongsu {

void add_events_command(CommandLine& line) {
  CLI::App* command = add_command(line.app, "events", "List every event and field that rules and traces can name",
                                  "  bongsu events                          for reading\n"
                                  "  bongsu events --json | jq '.fields[].name'\n"
                                  "  bongsu events --markdown >docs/events.md\n"
                                  "  bongsu events --syscalls >docs/syscalls.md   which system calls are seen\n");
  struct Form {
    bool json = false;
    bool markdown = false;
    bool syscalls = false;
  };
  auto form = std::make_shared<Form>();
  CLI::Option* json = command->add_flag("--json", form->json, "As one JSON object");
  CLI::Option* markdown = command->add_flag("--markdown", form->markdown, "As the reference page docs/events.md");
  command
      ->add_flag("--syscalls", form->syscalls,
                 "Every system call instead: what tells it, or why nothing does (docs/syscalls.md)")
      ->excludes(json)
      ->excludes(markdown);
  markdown->excludes(json);
  command->callback([&line, form] {
    line.action = [form] {
      if (form->syscalls) {
        return print_output(syscalls_markdown());
      }
      if (form->json) {
        return print_output(events_json());
      }
      return print_output(form->markdown ? events_markdown() : events_text());
    };
  });
}

}  // namespace bongsu
