// SPDX-License-Identifier: Apache-2.0
// What JsonDocument refuses, and what it says: one line for a person, with the place.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>  // IWYU pragma: keep (accept)
#include <random>

#include "base/json_document.h"

namespace bongsu {
namespace {

using std::string_literals::operator""s;

std::string error_of(const std::string& text) {
  const auto document = JsonDocument::parse(text);
  return document.has_value() ? "no error" : document.error().message;
}

TEST(JsonErrors, NameThePlaceAndWhatWasExpected) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "1:1: expected a value, found the end of the text"},
      {" \n\n ", "3:2: expected a value, found the end of the text"},
      {"{", "1:2: expected a key in double quotes, found the end of the text"},
      {"[", "1:2: expected a value, found the end of the text"},
      {"[1", "1:3: expected ',' or ']' after an element, found the end of the text"},
      {"{\"a\":1\n", "2:1: expected ',' or '}' after a member, found the end of the text"},
      {"{\"a\":", "1:6: expected a value, found the end of the text"},
      {"{\n  \"a\": 1\n  \"b\": 2\n}", "3:3: expected ',' or '}' after a member, found a string"},
      {"[1 2]", "1:4: expected ',' or ']' after an element, found a number"},
      {"[1 [", "1:4: expected ',' or ']' after an element, found '['"},
      {"[1}", "1:3: expected ',' or ']' after an element, found '}'"},
      {"{\"a\":1]", "1:7: expected ',' or '}' after a member, found ']'"},
      {"{\"a\" 1}", "1:6: expected ':' after the key, found a number"},
      {"{\"a\"::1}", "1:6: expected a value, found ':'"},
      {"{a:1}", "1:2: expected a key in double quotes, found 'a'"},
      {"{'a':1}", "1:2: expected a key in double quotes, found '''"},
      {"{1:1}", "1:2: expected a key in double quotes, found a number"},
      {"{,}", "1:2: expected a key in double quotes, found ','"},
      {"{\"a\":}", "1:6: expected a value, found '}'"},
      {"[,1]", "1:2: expected a value, found ','"},
      {"[1,,2]", "1:4: expected a value, found ','"},
      {"[tru]", "1:2: expected a value, found 'tru'"},
      {"[1,True]", "1:4: expected a value, found 'True'"},
      {"[NaN]", "1:2: expected a value, found 'NaN'"},
      {"]", "1:1: expected a value, found ']'"},
      {"}", "1:1: expected a value, found '}'"},
      {"[01]", "1:3: expected ',' or ']' after an element, found a number"},
      {"[0123]", "1:3: expected ',' or ']' after an element, found a number"},
      {"[1.2.3]", "1:5: expected ',' or ']' after an element, found '.'"},
      {"[.5]", "1:2: expected a value, found '.'"},
      {"[+1]", "1:2: expected a value, found '+'"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(error_of(text), expected) << text;
  }
}

TEST(JsonErrors, WhatFollowsTheValue) {
  EXPECT_EQ(error_of("{} x"), "1:4: expected nothing more after the value, found 'x'");
  EXPECT_EQ(error_of("{}\n{}"), "2:1: expected nothing more after the value, found '{'");
  EXPECT_EQ(error_of("1,"), "1:2: expected nothing more after the value, found ','");
  EXPECT_EQ(error_of("1]"), "1:2: expected nothing more after the value, found ']'");
  EXPECT_EQ(error_of("[]\0"s), "1:3: expected nothing more after the value, found '\\x00'");
  EXPECT_EQ(error_of("[]\0[]"s), "1:3: expected nothing more after the value, found '\\x00'");
  EXPECT_EQ(error_of("1\0"s), "1:2: expected nothing more after the value, found '\\x00'");
  EXPECT_EQ(error_of("\0"s), "1:1: expected a value, found '\\x00'");
}

TEST(JsonErrors, Comments) {
  EXPECT_EQ(error_of("// x\n{}"), "1:1: JSON has no comments");
  EXPECT_EQ(error_of("{\n  // x\n  \"a\": 1}"), "2:3: JSON has no comments");
  EXPECT_EQ(error_of("[1, /* x */ 2]"), "1:5: JSON has no comments");
  EXPECT_EQ(error_of("{} // x"), "1:4: JSON has no comments");
  EXPECT_EQ(error_of("{\"a\": 1 /* x */}"), "1:9: JSON has no comments");
}

TEST(JsonErrors, TrailingCommasAreShownWhereTheyStand) {
  EXPECT_EQ(error_of("[1,2,]"), "1:5: trailing comma: nothing follows it before ']'");
  EXPECT_EQ(error_of("{\n  \"a\": 1,\n}"), "2:9: trailing comma: nothing follows it before '}'");
  EXPECT_EQ(error_of("{\"a\":\",\"  ,  }"), "1:11: trailing comma: nothing follows it before '}'");
  EXPECT_EQ(error_of("[1,}"), "1:3: trailing comma: nothing follows it before '}'");
}

TEST(JsonErrors, InsideTokensTheBadByteIsShown) {
  EXPECT_EQ(error_of("[\"abc"), "1:2: string without its closing quote");
  EXPECT_THAT(error_of("[\"a\nb\"]"), testing::StartsWith("1:4: invalid string: control character U+000A"));
  EXPECT_THAT(error_of("[\"a\tb\"]"), testing::StartsWith("1:4: invalid string: control character U+0009"));
  EXPECT_EQ(error_of("[\"a\\qb\"]"), "1:5: invalid string: forbidden character after backslash");
  EXPECT_THAT(error_of("[\"\\u12x4\"]"), testing::StartsWith("1:7: invalid string: '\\u' must be followed by 4"));
  EXPECT_THAT(error_of("[\"\\ud800\"]"), testing::HasSubstr("surrogate"));
  EXPECT_THAT(error_of("[\"\\udc00\"]"), testing::HasSubstr("surrogate"));
  EXPECT_THAT(error_of("[-]"), testing::StartsWith("1:3: invalid number; expected digit after '-'"));
  EXPECT_THAT(error_of("[1.]"), testing::StartsWith("1:4: invalid number; expected digit after '.'"));
  EXPECT_EQ(error_of("\n[1, 1e999]"), "2:5: number out of range");
  EXPECT_THAT(error_of("\xEF\xBB{}"), testing::StartsWith("1:3: invalid BOM"));
}

TEST(JsonErrors, InvalidUtf8) {
  for (const std::string bytes : {"\xFF", "\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\xC3"}) {
    EXPECT_THAT(error_of("{\"k\": \"x" + bytes + "\"}"), testing::HasSubstr("ill-formed UTF-8"));
    EXPECT_THAT(error_of("{\"" + bytes + "\": 1}"), testing::HasSubstr("ill-formed UTF-8"));
    EXPECT_NE(error_of(bytes), "no error");
  }
  EXPECT_THAT(error_of("{\n\"k\": \"x\xFF\"}"), testing::StartsWith("2:8: "));
}

TEST(JsonErrors, DuplicateKeysNameBothPlaces) {
  const auto document = JsonDocument::parse("{\n \"a\": 1,\n \"b\": 2,\n \"a\": 3\n}");
  ASSERT_FALSE(document.has_value());
  EXPECT_EQ(document.error().message, "4:2: key \"a\" appears twice in one object, first on line 2");
  EXPECT_EQ(document.error().hint, "remove one of them");

  EXPECT_THAT(error_of(R"({"x":{"k":1,"k":1}})"), testing::StartsWith("1:13: key \"k\""));
  EXPECT_THAT(error_of(R"({"a":1,"\u0061":2})"), testing::StartsWith("1:8: key \"a\""));  // the same key
  EXPECT_THAT(error_of(R"({"":1,"":2})"), testing::StartsWith("1:7: key \"\""));
  // The first that was there before, not the first by name.
  EXPECT_THAT(error_of(R"({"z":1,"a":1,"z":1,"a":1})"), testing::StartsWith("1:14: key \"z\""));
  EXPECT_THAT(error_of("{\"\\n\":1,\"\\n\":2}"), testing::HasSubstr("key \"\\x0a\""));  // stays one line
  EXPECT_EQ(error_of(R"({"a":{"a":1},"b":{"a":1}})"), "no error");
}

TEST(JsonErrors, DepthIsBounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(error_of(nested(64)), "no error");
  EXPECT_EQ(error_of(nested(65)), "1:65: nested deeper than 64 levels");
  EXPECT_EQ(error_of(std::string(1 << 20, '[')), "1:65: nested deeper than 64 levels");
  std::string objects;
  for (int i = 0; i < 1000; ++i) {
    objects += "{\"a\":";
  }
  EXPECT_EQ(error_of(objects), "1:321: nested deeper than 64 levels");  // 64 times 5 bytes, and one
}

TEST(JsonErrors, AgreesWithTheLibraryOnWhatIsJson) {
  // Mutations of a document: whatever the library refuses is refused, with one line and a place inside the text; what
  // it accepts is accepted, but for doubled keys and NUL bytes.
  const std::string valid =
      "{\"a\": [1, -2.5e3, \"x\\n\\u00e9\", true], \"b\": {\"c\": null, \"d\": {}}, \"e\": \"\u00e9\"}";
  const std::string bytes = "{}[]:,\"\\ \n0123456789-+.eEtrufalsn/*\0\xC3\xA9\xFF'"s;
  std::mt19937 random(3);  // NOLINT: the same mutations each time
  int refused = 0;
  int accepted = 0;
  for (int round = 0; round < 10000; ++round) {
    std::string text = valid;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % text.size();
      const char byte = bytes[random() % bytes.size()];
      switch (random() % 3) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        default:
          text.erase(at, 1);
      }
    }
    const auto document = JsonDocument::parse(text);
    if (document.has_value()) {
      ++accepted;
      ASSERT_TRUE(nlohmann::json::accept(text)) << text;
      continue;
    }
    ++refused;
    const std::string& message = document.error().message;
    ASSERT_THAT(message, testing::ContainsRegex("^[0-9]+:[0-9]+: ")) << text;
    ASSERT_EQ(message.find('\n'), std::string::npos) << text;
    ASSERT_EQ(message.find("json.exception"), std::string::npos) << text;
    if (nlohmann::json::accept(text)) {
      ASSERT_TRUE(message.find("appears twice") != std::string::npos || message.find("\\x00") != std::string::npos)
          << text << "\n"
          << message;
    }
  }
  EXPECT_GT(refused, 1000);
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace bongsu
