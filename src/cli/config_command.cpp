// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/command_line.h"
#include "config/payload_formats.h"
#include "config/reference.h"
#include "payload/registry.h"

namespace bongsu {
namespace {

// What only the forms themselves can say: whether a template names what an alert can have.
Status check_formats(const Config& config) {
  for (const WebhookConfig& webhook : config.webhooks) {
    const auto format = make_payload_format(kPayloadFormats[webhook.format], {.version = {},
                                                                              .name = webhook.name,
                                                                              .batched = webhook.batch_max_alerts > 1,
                                                                              .template_json = webhook.template_json,
                                                                              .index = webhook.elastic_index});
    if (!format) {
      return fail("webhook " + webhook.name + ": " + format.error().message, format.error().hint);
    }
  }
  return {};
}

}  // namespace

void add_config_command(CommandLine& line) {
  CLI::App* config = add_command(line.app, "config", "Check a configuration file, or print its schema",
                                 "  bongsu config check /etc/bongsu/config.json\n"
                                 "  bongsu config schema >config.schema.json\n");
  config->require_subcommand(1);

  CLI::App* check = add_command(*config, "check", "Say whether a file, with the BONGSU_ variables over it, is good",
                                "  bongsu config check /etc/bongsu/config.json\n");
  auto path = std::make_shared<std::string>();
  check->add_option("file", *path, "The configuration file")->required();
  check->callback([&line, path] {
    line.action = [&line, path] {
      const auto loaded = load_config({.path = *path, .required = true}, line.environment);
      if (!loaded) {
        return print_error(loaded.error());
      }
      const Status formats = check_formats(*loaded);
      return formats ? print_output(*path + ": good\n")
                     : print_error({*path + ": " + formats.error().message, formats.error().hint});
    };
  });

  CLI::App* schema = add_command(*config, "schema", "Print the JSON Schema (2020-12) of the file",
                                 "  bongsu config schema >config.schema.json\n");
  schema->callback([&line] { line.action = [] { return print_output(config_schema()); }; });

  CLI::App* reference = add_command(*config, "reference", "Print the keys with type, default and meaning, as Markdown",
                                    "  bongsu config reference >docs/configuration.md\n");
  reference->callback([&line] { line.action = [] { return print_output(config_reference()); }; });
}

}  // namespace bongsu
