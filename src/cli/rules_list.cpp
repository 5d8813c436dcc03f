// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <ranges>

#include "base/strings.h"
#include "cli/rules_command.h"
#include "rules/names.h"

namespace bongsu {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  RulePaths paths;
  std::string severity;
  std::string tag;
  std::string attack;
  std::string events;
  bool long_form = false;
  bool json = false;
};

struct Filter {
  const Options& options;
  std::bitset<kEventCount> events;  // none: all

  [[nodiscard]] bool takes(const Rule& rule) const {
    const auto has = [](const std::vector<std::string>& values, std::string_view wanted) {
      return std::ranges::find(values, wanted) != values.end();
    };
    // T1059 takes its sub-techniques too.
    const auto is_technique = [&](const std::string& id) {
      return id == options.attack || id.starts_with(options.attack + ".");
    };
    return (options.severity.empty() || to_string(rule.severity) == options.severity) &&
           (options.tag.empty() || has(rule.tags, options.tag)) &&
           (options.attack.empty() || std::ranges::any_of(rule.attack, is_technique)) &&
           (events.none() || std::ranges::any_of(rule.events, [&](EventType event) {
              return events.test(static_cast<std::size_t>(event));
            }));
  }
};

// Comma-separated, as rules name events; a family also without its `.*`, as trace names it.
Status read_events(std::string_view text, std::bitset<kEventCount>& out) {
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string name(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    Result<std::vector<EventType>> events = resolve_event(name);
    if (!events) {
      if (const auto family = resolve_event(name + ".*"); family) {
        events = *family;
      }
    }
    if (!events) {
      return tl::make_unexpected(events.error());
    }
    for (const EventType event : *events) {
      out.set(static_cast<std::size_t>(event));
    }
  }
  return {};
}

std::string table(const std::vector<const ir::Rule*>& rules, bool long_form) {
  constexpr std::size_t kEventsShown = 3;
  constexpr std::size_t kWidestId = 48;
  std::size_t id_width = 4;
  for (const ir::Rule* rule : rules) {
    id_width = std::clamp(rule->head.id.size(), id_width, kWidestId);
  }
  std::string out = fmt::format("{:<{}}  {:<8}  {:<28}  {}\n", "RULE", id_width, "SEVERITY", "EVENTS", "NAME");
  for (const ir::Rule* rule : rules) {
    const Rule& head = rule->head;
    out += fmt::format("{:<{}}  {:<8}  {:<28}  {}{}\n", head.id, id_width, to_string(head.severity),
                       event_names(head.events, kEventsShown), head.name, rule->enabled ? "" : " (switched off)");
    if (long_form) {
      out += "    ";
      append_printable(out, head.file);
      out += '\n';
      if (!head.tags.empty() || !head.attack.empty()) {
        std::vector<std::string> words = head.attack;
        words.insert(words.end(), head.tags.begin(), head.tags.end());
        out += fmt::format("    {}\n", fmt::join(words, " "));
      }
      if (!head.description.empty()) {
        out += fmt::format("    {}\n", head.description);
      }
    }
  }
  return out;
}

std::string json(const std::vector<const ir::Rule*>& rules, std::size_t errors) {
  Json list = Json::array();
  for (const ir::Rule* rule : rules) {
    const Rule& head = rule->head;
    Json events = Json::array();
    for (const EventType event : head.events) {
      events.push_back(info(event).name);
    }
    list.push_back({{"id", head.id},
                    {"name", head.name},
                    {"severity", to_string(head.severity)},
                    {"enabled", rule->enabled},
                    {"events", std::move(events)},
                    {"tags", head.tags},
                    {"attack", head.attack},
                    {"description", head.description},
                    {"file", head.file}});
  }
  const Json all = {{"rules", std::move(list)}, {"errors", errors}};
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string counts(const std::vector<const ir::Rule*>& rules, std::size_t of) {
  std::string text = counted(rules.size(), "rule") + (rules.size() == of ? "" : " of " + std::to_string(of));
  std::string_view separator = ": ";
  for (const std::string_view name : std::views::reverse(kSeverityNames)) {
    const auto count =
        std::ranges::count_if(rules, [&](const ir::Rule* rule) { return to_string(rule->head.severity) == name; });
    if (count != 0) {
      text += fmt::format("{}{} {}", separator, count, name);
      separator = ", ";
    }
  }
  const auto off = std::ranges::count_if(rules, [](const ir::Rule* rule) { return !rule->enabled; });
  return text + (off == 0 ? "" : fmt::format("; {} switched off", off)) + "\n";
}

int list(const Options& options) {
  Filter filter{options, {}};
  if (Status read = read_events(options.events, filter.events); !read) {
    print_error({"--event: " + read.error().message, read.error().hint});
    return kUsage;
  }
  const auto loaded = load_rules_or_default(options.paths);
  if (!loaded) {
    return print_error(loaded.error());
  }
  std::string findings;
  const std::size_t errors = append_diagnostics(findings, *loaded);
  std::cerr << findings;
  std::vector<const ir::Rule*> rules;
  std::size_t all = 0;
  if (loaded->checked != nullptr) {
    all = loaded->checked->size();
    for (const ir::Rule& rule : *loaded->checked) {
      if (filter.takes(rule.head)) {
        rules.push_back(&rule);
      }
    }
  }
  std::ranges::stable_sort(rules, {}, [](const ir::Rule* rule) { return std::string_view(rule->head.id); });
  const int printed = print_output(
      options.json ? json(rules, errors) : (rules.empty() ? "" : table(rules, options.long_form)) + counts(rules, all));
  return errors == 0 ? printed : kFailure;
}

}  // namespace

void add_rules_list(CommandLine& line, CLI::App& rules) {
  CLI::App* command =
      add_command(rules, "list", "List rules: id, severity, events and name",
                  "  bongsu rules list rules/\n"
                  "  bongsu rules list rules/ --severity high --event exec,connect\n"
                  "  bongsu rules list --attack T1059 --long          also file, tags and description\n"
                  "  bongsu rules list rules/ --json | jq -r '.rules[].id'\n\n"
                  "Without a path the rules that bongsu run reads by default. What is wrong in a file goes to stderr;\n"
                  "exits 1 when there is an error.");
  auto options = std::make_shared<Options>();
  command->add_option("paths", options->paths, "Rule files, or directories of *.json files");
  const std::vector<std::string> severities(kSeverityNames.begin(), kSeverityNames.end());
  command->add_option("--severity", options->severity, "Only rules of this severity")->check(CLI::IsMember(severities));
  command->add_option("--tag", options->tag, "Only rules with this tag");
  command->add_option("--event", options->events, "Only rules about one of these events, as exec,connect or file");
  command->add_option("--attack", options->attack, "Only rules with this ATT&CK technique; T1059 takes T1059.004 too");
  command->add_flag("--long", options->long_form, "Also each rule's file, techniques, tags and description");
  command->add_flag("--json", options->json, "As one JSON object");
  command->callback([&line, options] { line.action = [options] { return list(*options); }; });
}

}  // namespace bongsu
