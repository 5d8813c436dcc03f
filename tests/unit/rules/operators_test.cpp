// SPDX-License-Identifier: Apache-2.0
//
// Every operator: value, operator, operand, verdict.
#include "rules/operator.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

struct Case {
  std::string field;
  std::string value;
  std::string condition;  // what stands behind the field
  bool expected;
};

class OperatorTable : public ::testing::TestWithParam<Case> {};

TEST_P(OperatorTable, Verdict) {
  const Case& c = GetParam();
  EXPECT_EQ(testing::matches("{\"" + c.field + "\": " + c.condition + "}", "{\"" + c.field + "\": " + c.value + "}"),
            c.expected)
      << c.field << " = " << c.value << " against " << c.condition;
}

const std::string kName = "process.name";
const std::string kPid = "process.pid";
const std::string kMemfd = "process.executable_memfd";
const std::string kStart = "process.start";
const std::string kPath = "process.executable";
const std::string kArgs = "process.args";

INSTANTIATE_TEST_SUITE_P(
    Equality, OperatorTable,
    ::testing::Values(Case{kName, R"("sh")", R"("sh")", true},          //
                      Case{kName, R"("sh")", R"("SH")", false},         //
                      Case{kName, R"("sh")", R"("s")", false},          //
                      Case{kName, R"("sh")", R"({"eq": "sh"})", true},  //
                      Case{kName, R"("Sh")", R"({"eq": "sH", "ignore_case": true})", true},
                      Case{kName, R"("Sh")", R"({"eq": "sh", "ignore_case": false})", false},
                      Case{kName, R"("sh")", R"({"ne": "sh"})", false},   //
                      Case{kName, R"("sh")", R"({"ne": "bash"})", true},  //
                      Case{kName, R"("SH")", R"({"ne": "sh", "ignore_case": true})", false},
                      Case{kName, R"("sh")", R"(["bash", "sh"])", true},            //
                      Case{kName, R"("zsh")", R"(["bash", "sh"])", false},          //
                      Case{kName, R"("sh")", R"({"in": ["z", "sh", "a"]})", true},  //
                      Case{kName, R"("BASH")", R"({"in": ["Zsh", "Bash", "ash"], "ignore_case": true})", true},
                      Case{kName, R"("_")", R"({"in": ["Z", "^", "a"], "ignore_case": true})", false},
                      Case{kName, R"("sh")", R"({"not_in": ["sh"]})", false},       //
                      Case{kName, R"("sh")", R"({"not_in": ["a", "b"]})", true},    //
                      Case{kName, R"("")", R"("")", true},                          //
                      Case{kName, R"("$a")", R"("$$a")", true},                     //
                      Case{kName, R"("$-a")", R"("$-a")", true},                    //
                      Case{kName, R"("\u00e9\u0000")", R"("\u00e9\u0000")", true},  //
                      Case{kPid, "7", "7", true},                                   //
                      Case{kPid, "7", "8", false},                                  //
                      Case{kPid, "-7", "-7", true},                                 //
                      Case{kPid, "7", "[9, 7, 1]", true},                           //
                      Case{kPid, "7", R"({"not_in": [9, 7]})", false},              //
                      Case{kPid, "7", R"({"ne": 8})", true},                        //
                      Case{kMemfd, "true", "true", true},                           //
                      Case{kMemfd, "false", "true", false},                         //
                      Case{kMemfd, "false", "false", true},                         //
                      Case{kMemfd, "false", R"({"ne": true})", true},               //
                      Case{kStart, R"("2026-01-02T03:04:05Z")", R"("2026-01-02T04:04:05.000+01:00")", true}));

INSTANTIATE_TEST_SUITE_P(Text, OperatorTable,
                         ::testing::Values(Case{kName, R"("bash")", R"({"prefix": "ba"})", true},         //
                                           Case{kName, R"("bash")", R"({"prefix": "bash"})", true},       //
                                           Case{kName, R"("bas")", R"({"prefix": "bash"})", false},       //
                                           Case{kName, R"("bash")", R"({"prefix": "as"})", false},        //
                                           Case{kName, R"("bash")", R"({"prefix": ["x", "ba"]})", true},  //
                                           Case{kName, R"("BASH")", R"({"prefix": "bA", "ignore_case": true})", true},
                                           Case{kName, R"("bash")", R"({"suffix": "sh"})", true},   //
                                           Case{kName, R"("bash")", R"({"suffix": "ba"})", false},  //
                                           Case{kName, R"("h")", R"({"suffix": "sh"})", false},     //
                                           Case{kName, R"("BASH")", R"({"suffix": "Sh", "ignore_case": true})", true},
                                           Case{kName, R"("bash")", R"({"contains": "as"})", true},   //
                                           Case{kName, R"("bash")", R"({"contains": "AS"})", false},  //
                                           Case{kName, R"("bash")", R"({"contains": "AS", "ignore_case": true})", true},
                                           Case{kName, R"("bash")", R"({"contains": "sa"})", false},  //
                                           Case{kName, R"("bash")", R"({"prefix": "b", "suffix": "h"})", true},
                                           Case{kName, R"("bash")", R"({"prefix": "b", "suffix": "x"})", false}));

INSTANTIATE_TEST_SUITE_P(
    Patterns, OperatorTable,
    ::testing::Values(Case{kName, R"("bash")", R"({"regex": "as"})", true},       //
                      Case{kName, R"("bash")", R"({"regex": "^as"})", false},     //
                      Case{kName, R"("bash")", R"({"regex": "^b.*h$"})", true},   //
                      Case{kName, R"("BASH")", R"({"regex": "^bash$"})", false},  //
                      Case{kName, R"("BASH")", R"({"regex": "^bash$", "ignore_case": true})", true},
                      Case{kName, R"("bash")", R"({"regex": ["^x", "sh$"]})", true},  //
                      Case{kName, R"("a\nb")", R"({"regex": "a.b"})", true},          //
                      Case{kName, R"("a\nb")", R"({"regex": "^b"})", false},          //
                      Case{kName, R"("caf\u00e9!")", R"({"regex": "caf\u00e9!"})", true},
                      Case{kPath, R"("/usr/bin/sh")", R"({"glob": "/usr/*/sh"})", true},  //
                      Case{kPath, R"("/usr/bin/sh")", R"({"glob": "/usr/*"})", false},    //
                      Case{kPath, R"("/USR/x")", R"({"glob": "/usr/[X]", "ignore_case": true})", true},
                      Case{kPath, R"("/a")", R"({"glob": ["/b", "/[a-c]"]})", true}));

INSTANTIATE_TEST_SUITE_P(Cidr, OperatorTable,
                         ::testing::Values(Case{kName, R"("10.1.2.3")", R"({"cidr": "10.0.0.0/8"})", true},          //
                                           Case{kName, R"("11.1.2.3")", R"({"cidr": "10.0.0.0/8"})", false},         //
                                           Case{kName, R"("10.1.2.3")", R"({"cidr": "10.1.2.3"})", true},            //
                                           Case{kName, R"("10.1.2.4")", R"({"cidr": "10.1.2.3"})", false},           //
                                           Case{kName, R"("10.1.2.5")", R"({"cidr": "10.1.2.4/31"})", true},         //
                                           Case{kName, R"("10.1.2.6")", R"({"cidr": "10.1.2.4/31"})", false},        //
                                           Case{kName, R"("9.9.9.9")", R"({"cidr": "0.0.0.0/0"})", true},            //
                                           Case{kName, R"("::1")", R"({"cidr": "0.0.0.0/0"})", false},               //
                                           Case{kName, R"("::ffff:10.1.2.3")", R"({"cidr": "10.0.0.0/8"})", true},   //
                                           Case{kName, R"("fd00:1::2")", R"({"cidr": "fd00::/8"})", true},           //
                                           Case{kName, R"("fe00:1::2")", R"({"cidr": "fd00::/8"})", false},          //
                                           Case{kName, R"("::1")", R"({"cidr": ["10.0.0.0/8", "::1/128"]})", true},  //
                                           Case{kName, R"("10.1.2.3.4")", R"({"cidr": "10.0.0.0/8"})", false},       //
                                           Case{kName, R"("localhost")", R"({"cidr": "0.0.0.0/0"})", false},         //
                                           Case{kName, R"("10.1.2.3\u0000")", R"({"cidr": "10.0.0.0/8"})", false},
                                           Case{kName, R"("")", R"({"cidr": "0.0.0.0/0"})", false}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, OperatorTable,
    ::testing::Values(Case{kPid, "7", R"({"gt": 6})", true},            //
                      Case{kPid, "7", R"({"gt": 7})", false},           //
                      Case{kPid, "7", R"({"gte": 7})", true},           //
                      Case{kPid, "7", R"({"gte": 8})", false},          //
                      Case{kPid, "7", R"({"lt": 8})", true},            //
                      Case{kPid, "7", R"({"lt": 7})", false},           //
                      Case{kPid, "7", R"({"lte": 7})", true},           //
                      Case{kPid, "7", R"({"lte": 6})", false},          //
                      Case{kPid, "-1", R"({"lt": 0})", true},           //
                      Case{kPid, "7", R"({"gt": 3, "lt": 7})", false},  //
                      Case{kPid, "9223372036854775807", R"({"gte": 9223372036854775807})", true},
                      Case{kPid, "5", R"({"all_bits": 5})", true},   //
                      Case{kPid, "4", R"({"all_bits": 5})", false},  //
                      Case{kPid, "4", R"({"any_bits": 5})", true},   //
                      Case{kPid, "2", R"({"any_bits": 5})", false},  //
                      Case{kStart, R"("2026-01-02T03:04:05.5Z")", R"({"gt": "2026-01-02T03:04:05Z"})", true},
                      Case{kStart, R"("2026-01-02T03:04:05Z")", R"({"lt": "2026-01-02T03:04:05Z"})", false},
                      Case{kPid, "7", R"({"exists": true})", true},  //
                      Case{kPid, "7", R"({"exists": false})", false}));

INSTANTIATE_TEST_SUITE_P(
    SeveralValues, OperatorTable,
    ::testing::Values(Case{kArgs, R"(["a", "b"])", R"("b")", true},                //
                      Case{kArgs, R"(["a", "b"])", R"("c")", false},               //
                      Case{kArgs, R"(["a", "b"])", R"(["c", "a"])", true},         //
                      Case{kArgs, R"(["ab", "cd"])", R"({"prefix": "c"})", true},  //
                      // The same value passes all operators, not one each.
                      Case{kArgs, R"(["ab", "cd"])", R"({"prefix": "a", "suffix": "d"})", false},
                      Case{kArgs, R"(["ab", "ad"])", R"({"prefix": "a", "suffix": "d"})", true},
                      Case{kArgs, R"(["a", "b"])", R"({"ne": "a"})", true},              //
                      Case{kArgs, R"(["a", "a"])", R"({"ne": "a"})", false},             //
                      Case{kArgs, R"(["a", "b"])", R"({"every": {"ne": "c"}})", true},   //
                      Case{kArgs, R"(["a", "c"])", R"({"every": {"ne": "c"}})", false},  //
                      Case{kArgs, R"(["ab", "ac"])", R"({"every": {"prefix": "a"}})", true},
                      Case{kArgs, R"(["ab", "bc"])", R"({"every": {"prefix": "a"}})", false},
                      Case{kArgs, R"(["AB", "ac"])", R"({"every": {"prefix": "a", "ignore_case": true}})", true},
                      Case{kArgs, R"(["ab", "ac"])", R"({"every": {"prefix": "a"}, "eq": "ac"})", true},
                      Case{kArgs, R"(["ab", "ac"])", R"({"every": {"prefix": "a"}, "eq": "a"})", false},
                      Case{kArgs, R"(["", "b"])", R"("")", true}));

TEST(Operators, AllOfTheLanguageAreThere) {
  for (const char* name : {"eq", "ne", "in", "not_in", "prefix", "suffix", "contains", "glob", "regex", "cidr", "gt",
                           "gte", "lt", "lte", "exists", "all_bits", "any_bits"}) {
    EXPECT_NE(find_operator(name), nullptr) << name;
  }
  EXPECT_EQ(operators().size(), 17U);
  EXPECT_EQ(find_operator("every"), nullptr);
  EXPECT_EQ(std::ranges::adjacent_find(operators(), {}, &Operator::name), operators().end());
}

TEST(Operators, UnitsOfFieldsThatHaveOne) {
  EXPECT_TRUE(
      testing::matches(R"({"event.duration": {"lt": "90s"}})", R"({"event.duration": 89999999999})", EventType::exit));
  EXPECT_FALSE(
      testing::matches(R"({"event.duration": {"lt": "90s"}})", R"({"event.duration": "90s"})", EventType::exit));
  EXPECT_TRUE(testing::matches(R"({"event.duration": {"gte": "5m"}})", R"({"event.duration": "5m"})", EventType::exit));
  EXPECT_TRUE(testing::matches(R"({"event.duration": 200000000})", R"({"event.duration": "200ms"})", EventType::exit));
}

TEST(Operators, BytesThatAreNotUtf8) {
  class Raw final : public EventView {
   public:
    [[nodiscard]] EventType type() const override { return EventType::exec; }
    [[nodiscard]] Value value(FieldId id) const override {
      return id == FieldId::process_name ? Value::of(std::string_view("/tmp/\xff\xfe/x")) : Value();
    }
  };
  for (const char* match :
       {R"({"process.name": {"regex": "^/tmp/.*/x$"}})", R"({"process.name": {"glob": "/tmp/??/x"}})",
        R"({"process.name": {"glob": "/tmp/[!a]*/x"}})", R"({"process.name": {"suffix": "/x"}})"}) {
    const LoadedRules loaded = testing::load_text(testing::file_with_match(match));
    ASSERT_FALSE(loaded.has_errors()) << testing::all_text(loaded.diagnostics);
    EXPECT_EQ(testing::fired(*loaded.rules, Raw()).size(), 1U) << match;
  }
}

}  // namespace
}  // namespace bongsu
