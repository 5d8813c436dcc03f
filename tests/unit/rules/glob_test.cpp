// SPDX-License-Identifier: Apache-2.0
#include "rules/glob.h"

#include <gtest/gtest.h>

#include <chrono>

namespace bongsu {
namespace {

struct Case {
  const char* pattern;
  const char* text;
  bool expected;
};

TEST(Glob, Table) {
  const Case cases[] = {
      {"abc", "abc", true},
      {"abc", "abcd", false},
      {"abc", "ab", false},
      {"*", "", true},
      {"*", "abc", true},
      {"*", "a/c", false},
      {"**", "a/b/c", true},
      {"***", "a/b/c", true},
      {"/a/*", "/a/", true},
      {"/a/*", "/a/b", true},
      {"/a/*", "/a/b/c", false},
      {"/a/**", "/a/b/c", true},
      {"/a/**", "/a", false},
      {"/a/**/b", "/a/b", true},
      {"/a/**/b", "/a/x/b", true},
      {"/a/**/b", "/a/x/y/b", true},
      {"/a/**/b", "/ab", false},
      {"/a/**/b", "/a/xb", false},
      {"**/b", "b", true},
      {"**/b", "/b", true},
      {"**/b", "/a/b", true},
      {"**/b", "/ab", false},
      {"/a**b", "/ab", true},
      {"/a**b", "/a/x/b", true},
      {"a*b*c", "axxbyyc", true},
      {"a*b*c", "axxbyy", false},
      {"*.so", "libc.so", true},
      {"*.so.*", "libc.so.6", true},
      {"?", "a", true},
      {"?", "", false},
      {"?", "/", false},
      {"a?c", "abc", true},
      {"[abc]", "b", true},
      {"[abc]", "d", false},
      {"[a-c]x", "bx", true},
      {"[!a-c]", "d", true},
      {"[^a-c]", "b", false},
      {"[!a]", "/", false},
      {"[.-0]", "/", false},
      {"[]a]", "]", true},
      {"[a-]", "-", true},
      {"[\\]]", "]", true},
      {"[a\\-c]", "b", false},
      {"{a,b}", "a", true},
      {"{a,b}", "b", true},
      {"{a,b}", "c", false},
      {"x{a,}y", "xy", true},
      {"x{a,}y", "xay", true},
      {"{a{b,c},d}e", "ace", true},
      {"{a{b,c},d}e", "de", true},
      {"{a{b,c},d}e", "ae", false},
      {"/{usr/,}bin/*", "/usr/bin/sh", true},
      {"/{usr/,}bin/*", "/bin/sh", true},
      {"{*.so,*.a}", "x.a", true},
      {"{**/,}x", "a/b/x", true},
      {"a,b}", "a,b}", true},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"\\{a\\}", "{a}", true},
      {"é*", "éa", true},
  };
  for (const Case& c : cases) {
    const Result<Glob> glob = Glob::compile(c.pattern, false);
    ASSERT_TRUE(glob) << c.pattern << ": " << glob.error().to_string();
    EXPECT_EQ(glob->matches(c.text), c.expected) << c.pattern << " on " << c.text;
  }
}

TEST(Glob, IgnoresCase) {
  const Result<Glob> glob = Glob::compile("/Opt/*.[eE][x]e{A,b}", true);
  ASSERT_TRUE(glob);
  EXPECT_TRUE(glob->matches("/oPT/a.EXEa"));
  EXPECT_TRUE(glob->matches("/opt/A.exEB"));
  EXPECT_FALSE(glob->matches("/opt/a.exec"));
}

TEST(Glob, RefusesWhatIsBroken) {
  for (const char* pattern : {"", "[a", "[", "[!", "[]", "{a", "{a,b", "a\\", "[z-a]", "{{{{{{{{{{{{{{{{{{a}"}) {
    EXPECT_FALSE(Glob::compile(pattern, false)) << pattern;
  }
  EXPECT_FALSE(Glob::compile(std::string(2000, '?'), false));
  EXPECT_TRUE(Glob::compile(std::string(1000, '?'), false));
}

// What backtracking matchers take exponential time for; here it is text times pattern.
TEST(Glob, HasNoBlowUp) {
  std::string pattern;
  for (int i = 0; i < 60; ++i) {
    pattern += "**a{a,b*,}*";
  }
  pattern += 'c';
  const Result<Glob> glob = Glob::compile(pattern, false);
  ASSERT_TRUE(glob) << glob.error().to_string();
  const std::string text(2000, 'a');
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(glob->matches(text));
  EXPECT_TRUE(glob->matches(text + "c"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace bongsu
