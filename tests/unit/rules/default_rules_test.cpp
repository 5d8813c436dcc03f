// SPDX-License-Identifier: Apache-2.0
//
// The rules that come with the program: without a finding, documented, and each proves itself by its tests.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>

#include "rules/message.h"
#include "support/source_folder.h"
#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

const LoadedRules& default_rules() {
  static const LoadedRules kLoaded = [] {
    const std::filesystem::path path = source_folder() / "rules";
    return load_rules({&path, 1}, 0).value();
  }();
  return kLoaded;
}

bool says_what_to_do(std::string_view description) {
  constexpr std::array<std::string_view, 12> kWords{"ook ",  "ompare ",  "Stop ",  "Copy ", "Decode ", "Ask ",
                                                    "Treat", "Take it ", "Delete", "Read ", "Revoke ", " process."};
  return std::ranges::any_of(kWords, [&](auto word) { return description.find(word) != std::string_view::npos; });
}

TEST(DefaultRules, LoadWithoutAFinding) {
  EXPECT_TRUE(default_rules().diagnostics.empty()) << testing::all_text(default_rules().diagnostics);
  EXPECT_GE(default_rules().rules->rules().size(), 120U);
}

TEST(DefaultRules, InlineTestsPass) {
  const std::vector<InlineTestResult> results = run_inline_tests(default_rules());
  EXPECT_GE(results.size(), 2 * default_rules().rules->rules().size());
  for (const InlineTestResult& result : results) {
    EXPECT_TRUE(result.passed) << result.to_string();
  }
}

TEST(DefaultRules, EachHasBothKindsOfTestAndIsDocumented) {
  std::map<std::string, std::set<bool>> expectations;
  for (const InlineTest& test : default_rules().tests) {
    expectations[test.rule_id].insert(test.expect_alert);
  }
  for (const Rule& rule : default_rules().rules->rules()) {
    EXPECT_EQ(expectations[rule.id].size(), 2U) << rule.id;
    EXPECT_NE(rule.description.find("False alarms:"), std::string::npos) << rule.id;
    EXPECT_TRUE(says_what_to_do(rule.description)) << rule.id << ": says what to look at or to do first";
    EXPECT_FALSE(rule.tags.empty()) << rule.id;
    EXPECT_FALSE(rule.attack.empty()) << rule.id;
    EXPECT_TRUE(std::ranges::any_of(rule.message, [](const MessagePart& part) { return !part.fields.empty(); }))
        << rule.id;
  }
}

TEST(DefaultRules, MessageOfOne) {
  const JsonEventView event = testing::event_of(
      EventType::exec,
      R"({"process.name": "sh", "process.parent.name": "nginx", "process.command_line": "sh -c id", "container.id": "c1"})");
  std::vector<std::string> messages;
  default_rules().rules->judge(event, [&](const Match& match) {
    const Rule& rule = default_rules().rules->rules()[match.rule];
    if (rule.id == "program-from-server-process") {
      messages.push_back(render_message(rule, event));
    }
  });
  EXPECT_EQ(messages, std::vector<std::string>{"nginx started sh in c1: sh -c id"});
}

}  // namespace
}  // namespace bongsu
