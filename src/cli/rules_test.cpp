// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "cli/rules_against.h"
#include "cli/rules_command.h"
#include "rules/inline_test.h"

namespace bongsu {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  RulePaths paths;
  std::vector<std::string> rules;
  std::string against;
  bool json = false;
};

// The ids that were named exist: a test that is not run because of a typo would look like one that passes.
Status check_ids(const LoadedRules& loaded, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    if (const auto found = find_rule(loaded, id); !found) {
      return tl::make_unexpected(found.error());
    }
  }
  return {};
}

Json result_json(const InlineTestResult& result) {
  const InlineTest& test = *result.test;
  Json json = {{"rule", test.rule_id},   {"name", test.name},     {"file", test.file},
               {"line", test.line},      {"column", test.column}, {"expect", test.expect_alert ? "alert" : "none"},
               {"passed", result.passed}};
  if (!result.passed) {
    json["why"] = result.why;
  }
  return json;
}

std::string results_json(const LoadedRules& loaded, const std::vector<InlineTestResult>& results, std::size_t passed) {
  Json errors = Json::array();
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.level == Diagnostic::Level::error) {
      errors.push_back(diagnostic.to_string());
    }
  }
  Json tests = Json::array();
  for (const InlineTestResult& result : results) {
    tests.push_back(result_json(result));
  }
  const Json all = {{"passed", passed},
                    {"failed", results.size() - passed},
                    {"errors", std::move(errors)},
                    {"tests", std::move(tests)}};
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

int test(const Options& options) {
  const auto loaded = load_rules_now(options.paths);
  if (!loaded) {
    return print_error(loaded.error());
  }
  std::string out;
  const std::size_t errors = append_diagnostics(out, *loaded);
  if (Status known = check_ids(*loaded, options.rules); !known) {
    std::cerr << out;
    return print_error(known.error());
  }
  if (!options.against.empty()) {
    std::cerr << out;
    return test_against(*loaded, options.against, options.rules, options.json);
  }
  std::vector<InlineTestResult> results = run_inline_tests(*loaded);
  if (!options.rules.empty()) {
    std::erase_if(results, [&](const InlineTestResult& result) {
      return std::ranges::find(options.rules, result.test->rule_id) == options.rules.end();
    });
  }
  const auto passed = static_cast<std::size_t>(std::ranges::count_if(results, &InlineTestResult::passed));
  if (options.json) {
    out = results_json(*loaded, results, passed);
  } else {
    for (const InlineTestResult& result : results) {
      if (!result.passed) {
        append_printable(out, result.to_string());
        out += '\n';
      }
    }
    out += counted(passed, "test") + " passed, " + std::to_string(results.size() - passed) + " failed\n";
  }
  const int printed = print_output(out);
  return errors == 0 && passed == results.size() ? printed : kFailure;
}

}  // namespace

void add_rules_test(CommandLine& line, CLI::App& rules) {
  CLI::App* command =
      add_command(rules, "test", "Run the tests that rules carry, or try rules on a log of events",
                  "  bongsu rules test rules/\n"
                  "  bongsu rules test rules/ --rule shell-from-server-process\n"
                  "  bongsu trace process,network --format json --duration 10m >events.jsonl\n"
                  "  bongsu rules test my-rules/ --against events.jsonl   how often would each rule have fired?\n\n"
                  "A test that fails is told with the field that decided. Exits 1 when a test fails or a rule has an\n"
                  "error. With --against it exits 0 whatever fires, 1 when the log cannot be read.");
  auto options = std::make_shared<Options>();
  command->add_option("paths", options->paths, "Rule files, or directories of *.json files")->required();
  command->add_option("--rule", options->rules, "Only this rule (repeatable)")->expected(1)->take_all();
  command->add_option(
      "--against", options->against,
      "Judge this log instead: JSON lines as trace --format json prints them, or a recording; - for stdin");
  command->add_flag("--json", options->json, "As one JSON object");
  command->callback([&line, options] { line.action = [options] { return test(*options); }; });
}

}  // namespace bongsu
