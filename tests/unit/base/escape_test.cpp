// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "base/strings.h"

namespace bongsu {
namespace {

using nlohmann::json;
using std::string_literals::operator""s;

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  append_printable(out, text);
  return out;
}

// What nlohmann's own writer makes of the same bytes, invalid ones replaced: an independent UTF-8 decoder.
std::string by_library(const std::string& text) {
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
}

// One line for any reader, valid UTF-8 (accept() checks that), and the same text as the library's.
void expect_safe_and_equal(const std::string& text) {
  const std::string written = json_string(text);
  ASSERT_TRUE(json::accept(written)) << written;
  ASSERT_EQ(json::parse(written).get<std::string>(), by_library(text)) << written;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const auto byte = static_cast<unsigned char>(written[i]);
    ASSERT_TRUE(byte >= 0x20 && byte != 0x7F) << written;
    const bool c1 = byte == 0xC2 && static_cast<unsigned char>(written[i + 1]) < 0xA0;
    const bool line_separator =
        written.compare(i, 3, "\xE2\x80\xA8") == 0 || written.compare(i, 3, "\xE2\x80\xA9") == 0;
    ASSERT_FALSE(c1 || line_separator) << written;
  }
}

TEST(JsonString, PlainTextStays) {
  EXPECT_EQ(json_string(""), R"("")");
  EXPECT_EQ(json_string("/usr/bin/env"), R"("/usr/bin/env")");
  EXPECT_EQ(json_string("h\u00e9 \u4f60\u597d \U0001F600"), "\"h\u00e9 \u4f60\u597d \U0001F600\"");
}

TEST(JsonString, AppendsBehindWhatIsThere) {
  std::string out = "x=";
  append_json_string(out, "y");
  EXPECT_EQ(out, R"(x="y")");
}

TEST(JsonString, EscapesWhatJsonAsksFor) {
  EXPECT_EQ(json_string("a\"b\\c\nd\re\tf\bg\fh"), R"("a\"b\\c\nd\re\tf\bg\fh")");
  EXPECT_EQ(json_string("\0\x01\x1f\x7f"s), R"("\u0000\u0001\u001f\u007f")");
  EXPECT_EQ(json_string("\u0085\u009b\u2028\u2029"), R"("\u0085\u009b\u2028\u2029")");
}

TEST(JsonString, ReplacesInvalidSequencesOnceEach) {
  const struct {
    std::string bytes;
    int replacements;
  } cases[] = {
      {"\xC0\xAF", 2},               // overlong '/'
      {"\xC1\xBF", 2},               // overlong
      {"\xE0\x80\xAF", 3},           // overlong '/', three bytes
      {"\xE0\x9F\xBF", 3},           // overlong U+07FF
      {"\xF0\x80\x80\xAF", 4},       // overlong '/', four bytes
      {"\xF0\x8F\xBF\xBF", 4},       // overlong U+FFFF
      {"\xED\xA0\x80", 3},           // surrogate U+D800
      {"\xED\xBF\xBF", 3},           // surrogate U+DFFF
      {"\xF4\x90\x80\x80", 4},       // U+110000
      {"\xF5\x80\x80\x80", 4},       // beyond
      {"\xF8\x88\x80\x80\x80", 5},   // five bytes
      {"\xFE\xFF", 2},               // never in UTF-8
      {"\x80", 1},                   // continuation alone
      {"\xC3", 1},                   // cut off
      {"\xE2\x82", 1},               // cut off
      {"\xF0\x9F\x98", 1},           // cut off
      {"\xF0\x9F\xF0\x9F\x98", 2},   // cut off twice
      {"\xE2\x82\xE2\x82\xAC", -1},  // cut off, then the euro sign
  };
  const std::string replacement = "\xEF\xBF\xBD";
  for (const auto& c : cases) {
    std::string expected = "\"";
    for (int i = 0; i < c.replacements; ++i) {
      expected += replacement;
    }
    if (c.replacements < 0) {
      expected += replacement + "\xE2\x82\xAC";
    }
    EXPECT_EQ(json_string(c.bytes), expected + "\"");
    // And whole again right after.
    EXPECT_EQ(json_string(c.bytes + "x"), expected + "x\"");
  }
}

TEST(JsonString, KeepsTheLastOfEachLength) {
  for (const std::string text : {"\xC2\xA0", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
                                 "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(json_string(text), "\"" + text + "\"");
  }
}

TEST(JsonString, EveryByte) {
  for (int byte = 0; byte < 256; ++byte) {
    expect_safe_and_equal(std::string(1, static_cast<char>(byte)));
    expect_safe_and_equal("a" + std::string(1, static_cast<char>(byte)) + "b");
  }
}

TEST(JsonString, EveryTwoBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      expect_safe_and_equal({static_cast<char>(first), static_cast<char>(second)});
    }
  }
}

TEST(JsonString, EveryThreeBytesThatBeginAsAThreeByteCharacter) {
  const unsigned char edges[] = {0x00, 0x22, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F,
                                 0xA0, 0xA8, 0xA9, 0xBF, 0xC0, 0xC3, 0xED, 0xFF};
  for (int first = 0xE0; first < 0xF8; ++first) {
    for (int second = 0; second < 256; ++second) {
      for (const unsigned char third : edges) {
        expect_safe_and_equal({static_cast<char>(first), static_cast<char>(second), static_cast<char>(third)});
      }
    }
  }
}

TEST(JsonString, RandomBytes) {
  std::mt19937 random(1);  // NOLINT: the same bytes each time
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 24, '\0');
    for (char& c : text) {
      // Mostly from the upper half, where sequences are made.
      c = static_cast<char>(random() % 4 == 0 ? random() % 0x80 : 0x80 + random() % 0x80);
    }
    expect_safe_and_equal(text);
  }
}

TEST(Printable, TextStays) {
  EXPECT_EQ(printable("a \"quoted\" \\ h\u00e9 \U0001F600"), "a \"quoted\" \\ h\u00e9 \U0001F600");
}

TEST(Printable, EscapesWhatWouldSteerATerminal) {
  EXPECT_EQ(printable("a\nb\x1b[31m"), R"(a\x0ab\x1b[31m)");
  EXPECT_EQ(printable("\0\x7f"s), R"(\x00\x7f)");
  EXPECT_EQ(printable("\u009b1m"), R"(\xc2\x9b1m)");  // C1 CSI
  EXPECT_EQ(printable("\u2028\u202e\u2066"), R"(\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6)");
  EXPECT_EQ(printable("\xff\xed\xa0\x80"), R"(\xff\xed\xa0\x80)");
}

TEST(Printable, EveryTwoBytesAreOneValidLine) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string out = printable(std::string{static_cast<char>(first), static_cast<char>(second)});
      ASSERT_NO_THROW((void)json(out).dump()) << first << ' ' << second;  // dump() throws on invalid UTF-8
      for (const char c : out) {
        ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
      }
    }
  }
}

}  // namespace
}  // namespace bongsu
