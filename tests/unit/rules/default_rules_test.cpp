// SPDX-License-Identifier: Apache-2.0
//
// The rules that come with the program: without a finding, documented, and each proves itself by its tests.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "rules/message.h"
#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

const LoadedRules& default_rules() {
  static const LoadedRules kLoaded = [] {
    const std::filesystem::path path = std::filesystem::path(BONGSU_SOURCE_DIR) / "rules";
    return load_rules({&path, 1}, 0).value();
  }();
  return kLoaded;
}

TEST(DefaultRules, LoadWithoutAFinding) {
  EXPECT_TRUE(default_rules().diagnostics.empty()) << testing::all_text(default_rules().diagnostics);
  EXPECT_GE(default_rules().rules->rules().size(), 12U);
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
    EXPECT_NE(rule.description.find("ook at "), std::string::npos) << rule.id << ": says what to look at first";
    EXPECT_FALSE(rule.tags.empty()) << rule.id;
    EXPECT_FALSE(rule.attack.empty()) << rule.id;
    EXPECT_TRUE(std::ranges::any_of(rule.message, [](const MessagePart& part) { return !part.fields.empty(); }))
        << rule.id;
  }
}

TEST(DefaultRules, MessageOfTheFirst) {
  const JsonEventView event = testing::event_of(
      EventType::exec,
      R"({"process.name": "sh", "process.parent.name": "nginx", "process.command_line": "sh -c id", "container.id": "c1"})");
  std::vector<std::string> messages;
  default_rules().rules->judge(event, [&](const Match& match) {
    messages.push_back(render_message(default_rules().rules->rules()[match.rule], event));
  });
  EXPECT_EQ(messages, std::vector<std::string>{"nginx started sh in c1: sh -c id"});
}

}  // namespace
}  // namespace bongsu
