// SPDX-License-Identifier: Apache-2.0
#include "cli/rules_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "cli/rule_counts.h"

namespace bongsu {
namespace {

using testing::HasSubstr;

constexpr const char* kGood = R"({"rules": [{"id": "a", "name": "A", "severity": "low", "event": "exec"}]})";
constexpr const char* kHalf = R"({"rules": [{"id": "a", "name": "A", "severity": "low", "event": "exec"},
                                            {"id": "b", "name": "B", "severity": "low", "event": "exce"}]})";

LoadedRules of(const char* text) {
  std::vector<RuleSource> sources;
  sources.push_back({"rules.json", text});
  return load_rule_sources(std::move(sources), 0);
}

// Reads what the test put there.
struct RulesKeeperTest : testing::Test {
  Result<RulesKeeper> open() {
    return RulesKeeper::open([this] { return std::exchange(next, fail("nothing to read")); }, {}, 1);
  }
  Result<LoadedRules> next = fail("nothing to read");
};

TEST_F(RulesKeeperTest, AtFirstWhatIsGoodIsTaken) {
  LoadedRules half = of(kHalf);
  half.complete = false;
  next = std::move(half);
  const auto keeper = open();
  ASSERT_TRUE(keeper);
  EXPECT_EQ(keeper->rules()->rules().size(), 1U);
  EXPECT_EQ(keeper->numbers().rules, 1U);
  EXPECT_EQ(keeper->numbers().errors, 1U);
  EXPECT_EQ(keeper->numbers().last_read_ns, 1);
  ASSERT_EQ(keeper->errors().size(), 1U);
  EXPECT_THAT(keeper->errors().front(), HasSubstr("exce"));
}

TEST_F(RulesKeeperTest, WithoutAnyRuleItDoesNotBegin) {
  EXPECT_FALSE(open());
  next = of(R"({"rules": [{"id": 3}]})");
  const auto none = open();
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().hint, HasSubstr("no rule is left to run"));
}

TEST_F(RulesKeeperTest, ABadRuleDisablesOnlyItself) {
  next = of(kGood);
  auto keeper = open();
  ASSERT_TRUE(keeper);
  next = of(kHalf);
  auto read = keeper->read(2);
  ASSERT_TRUE(read);
  keeper->take(std::move(*read));
  EXPECT_EQ(keeper->errors().size(), 1U);
  EXPECT_EQ(keeper->numbers().errors, 1U);
  EXPECT_EQ(keeper->numbers().taken, 1U);
  EXPECT_EQ(keeper->numbers().last_read_ns, 2);
  EXPECT_TRUE(keeper->numbers().last_taken);
}

TEST_F(RulesKeeperTest, AFileThatCannotBeUsedReplacesNothing) {
  next = of(kGood);
  auto keeper = open();
  ASSERT_TRUE(keeper);
  const auto before = keeper->rules();
  LoadedRules incomplete = of(kHalf);
  incomplete.complete = false;
  next = std::move(incomplete);
  auto read = keeper->read(2);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("rules.json:2"));
  keeper->refuse();
  EXPECT_FALSE(keeper->read(3)) << "nothing could be read";
  keeper->refuse();
  EXPECT_EQ(keeper->rules(), before);
  EXPECT_EQ(keeper->numbers().refused, 2U);
  EXPECT_FALSE(keeper->numbers().last_taken);
  EXPECT_EQ(keeper->numbers().rules, 1U);
  next = of(R"({"rules": []})");
  EXPECT_FALSE(keeper->read(4)) << "no rule at all";
}

constexpr const char* kExcepted = R"({"rules": [{"id": "a", "name": "A", "severity": "low", "event": "exec",
  "exceptions": [{"name": "one", "reason": "r", "expires": "1970-01-01T00:00:01Z", "match": {"process.pid": 1}},
                 {"name": "two", "reason": "r", "expires": "1970-01-01T00:00:02Z", "match": {"process.pid": 2}}]}]})";
constexpr std::int64_t kSecondNs = 1'000'000'000;

TEST_F(RulesKeeperTest, AnExceptionExpiresThoughTheFilesCannotBeRead) {
  next = of(kExcepted);
  auto keeper = open();
  ASSERT_TRUE(keeper);
  EXPECT_EQ(keeper->rules()->rules()[0].exceptions.size(), 2U);
  EXPECT_FALSE(keeper->due(kSecondNs - 1));
  EXPECT_TRUE(keeper->due(kSecondNs));
  auto read = keeper->read(kSecondNs);
  ASSERT_TRUE(read) << "nothing could be read";
  ASSERT_EQ(read->diagnostics.size(), 1U);
  EXPECT_THAT(read->diagnostics[0].message, HasSubstr("the exception one of a has expired"));
  keeper->take(std::move(*read));
  EXPECT_EQ(keeper->numbers().expired_exceptions, 1U);
  EXPECT_EQ(keeper->numbers().errors, 1U) << "that the files cannot be read stays told";
  ASSERT_EQ(keeper->rules()->rules()[0].exceptions.size(), 1U);
  EXPECT_EQ(keeper->rules()->rules()[0].exceptions[0].name, "two");
  EXPECT_FALSE(keeper->due(2 * kSecondNs - 1)) << "else it would be read every second";
  EXPECT_TRUE(keeper->due(2 * kSecondNs));
}

TEST_F(RulesKeeperTest, AClockThatIsSetBackBringsExceptionsBack) {
  next = of(kExcepted);
  auto keeper = open();
  ASSERT_TRUE(keeper);
  auto ahead = keeper->read(kSecondNs);
  ASSERT_TRUE(ahead);
  keeper->take(std::move(*ahead));
  ASSERT_EQ(keeper->rules()->rules()[0].exceptions.size(), 1U);
  EXPECT_TRUE(keeper->due(kSecondNs - 1));
  next = of(kExcepted);
  auto back = keeper->read(kSecondNs - 1);
  ASSERT_TRUE(back);
  keeper->take(std::move(*back));
  EXPECT_EQ(keeper->rules()->rules()[0].exceptions.size(), 2U);
  EXPECT_FALSE(keeper->due(kSecondNs - 1));
  EXPECT_FALSE(keeper->due(1)) << "nothing has expired that could come back";
}

TEST(RuleErrors, AreSummedUp) {
  EXPECT_EQ(summary({}), "");
  EXPECT_EQ(summary({"a"}), "a");
  EXPECT_EQ(summary({"a", "b"}), "a; 1 more error");
  EXPECT_EQ(summary({"a", "b", "c"}), "a; 2 more errors");
}

TEST(RuleCounts, GoOnWithTheRuleOfTheSameId) {
  const auto named = [](const char* id) {
    Rule rule;
    rule.id = id;
    return rule;
  };
  const std::vector<Rule> old{named("a"), named("b")};
  RuleCounts counts(old);
  counts.of(old[0]).matches = 3;
  counts.of(old[1]).matches = 5;
  counts.of(old[1]).held = 2;
  const std::vector<Rule> fresh{named("b"), named("c")};
  counts.use(fresh);
  EXPECT_EQ(counts.of(fresh[0]).matches, 5U);
  EXPECT_EQ(counts.of(fresh[0]).held, 2U);
  EXPECT_EQ(counts.of(fresh[1]).matches, 0U);
}

}  // namespace
}  // namespace bongsu
