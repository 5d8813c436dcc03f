// SPDX-License-Identifier: Apache-2.0
#include "cli/rules_command.h"

#include <algorithm>
#include <system_error>

#include "base/clock.h"
#include "base/strings.h"
#include "config/config.h"

namespace bongsu {

Result<LoadedRules> load_rules_now(const RulePaths& paths) { return load_rules(paths, SystemClock().wall_ns()); }

Result<LoadedRules> load_rules_or_default(const RulePaths& paths) {
  if (!paths.empty()) {
    return load_rules_now(paths);
  }
  RulePaths found;
  std::string names;
  for (const std::string& path : Config{}.rules) {
    names += (names.empty() ? "" : " and ") + path;
    if (std::error_code error; std::filesystem::exists(path, error)) {
      found.emplace_back(path);
    }
  }
  if (found.empty()) {
    return fail("there are no rules in " + names, "name a rule file or directory");
  }
  return load_rules_now(found);
}

std::size_t append_diagnostics(std::string& out, const LoadedRules& loaded) {
  std::size_t errors = 0;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    append_printable(out, diagnostic.to_string());
    out += '\n';
    errors += diagnostic.level == Diagnostic::Level::error ? 1 : 0;
  }
  return errors;
}

Result<const ir::Rule*> find_rule(const LoadedRules& loaded, std::string_view id) {
  std::vector<std::string_view> ids;
  if (loaded.checked != nullptr) {
    for (const ir::Rule& rule : *loaded.checked) {
      if (rule.head.id == id) {
        return &rule;
      }
      ids.emplace_back(rule.head.id);
    }
  }
  const std::string_view near = nearest(id, ids);
  return fail("no good rule has the id " + std::string(id),
              near.empty() ? "bongsu rules list shows them" : "did you mean " + std::string(near) + "?");
}

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string event_names(const std::vector<EventType>& events, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(events.size(), most); ++i) {
    text.append(i == 0 ? "" : ",").append(info(events[i]).name);
  }
  return events.size() > most ? text + " and " + std::to_string(events.size() - most) + " more" : text;
}

void add_rules_command(CommandLine& line) {
  CLI::App* rules = add_command(line.app, "rules", "Check, test, list and explain rule files",
                                "  bongsu rules check rules/\n"
                                "  bongsu rules test rules/execution.json\n"
                                "  bongsu rules list rules/ --severity high\n"
                                "  bongsu rules explain program-from-server-process --rules rules/\n");
  rules->require_subcommand(1);
  add_rules_check(line, *rules);
  add_rules_test(line, *rules);
  add_rules_list(line, *rules);
  add_rules_explain(line, *rules);
  add_rules_schema(line, *rules);
}

}  // namespace bongsu
