// SPDX-License-Identifier: Apache-2.0
#include "config/reference.h"

#include "config/keys.h"

namespace bongsu {
namespace {

std::string code(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

std::string default_of(const Key& key) {
  Config config;
  Elements elements;
  const std::string value = value_json(key, key.slot(config, elements));
  return value == "\"\"" ? "" : value;
}

}  // namespace

std::string config_reference() {
  std::string out =
      "# Configuration\n\n"
      "One JSON file, `--config FILE`, by default `/etc/bongsu/config.json`; where that is absent, all defaults. Over "
      "it\n"
      "stand the `BONGSU_` variables, over those the flags of `bongsu run`. `bongsu config check FILE` finds "
      "mistakes,\n"
      "`bongsu config schema` prints the JSON Schema. This page is what `bongsu config reference` prints.\n\n"
      "While the program runs, a change of the file, or of one that it names for a secret, is taken within a second "
      "or\n"
      "two. Keys with a † are read at the start only: a change of these is told, and waits for a restart.\n\n"
      "| Key | Value | Default | Variable | Meaning |\n| --- | --- | --- | --- | --- |\n";
  for (const Key& key : config_keys()) {
    if (key.status != KeyStatus::ignored) {
      out += "| " + code(std::string(key.path)) + " | " + expected(key) + " | " + code(default_of(key)) + " | " +
             code(variable_name(key.path)) + " | " + std::string(key.doc) +
             (key.status == KeyStatus::at_start ? " † |\n" : " |\n");
    }
  }
  return out;
}

}  // namespace bongsu
