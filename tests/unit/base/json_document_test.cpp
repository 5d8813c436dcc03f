// SPDX-License-Identifier: Apache-2.0
#include "base/json_document.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace bongsu {
namespace {

JsonDocument read(const std::string& text) {
  auto document = JsonDocument::parse(text);
  EXPECT_TRUE(document.has_value()) << document.error().to_string();
  return std::move(document.value());
}

TEST(JsonDocument, KindsAndValues) {
  const auto document =
      read(R"({"n":null,"t":true,"f":false,"i":-42,"d":1.5e3,"s":"a\u0041\n","a":[1,[],{}],"o":{"x":{}}})");
  const JsonNode& root = document.root();
  ASSERT_EQ(root.kind, JsonNode::Kind::object);
  ASSERT_EQ(root.members.size(), 8u);
  EXPECT_EQ(root.find("n")->kind, JsonNode::Kind::null);
  EXPECT_TRUE(root.find("t")->boolean);
  EXPECT_EQ(root.find("f")->kind, JsonNode::Kind::boolean);
  EXPECT_FALSE(root.find("f")->boolean);
  EXPECT_EQ(root.find("i")->kind, JsonNode::Kind::integer);
  EXPECT_EQ(root.find("i")->integer, -42);
  EXPECT_EQ(root.find("d")->kind, JsonNode::Kind::number);
  EXPECT_DOUBLE_EQ(root.find("d")->number, 1500.0);
  EXPECT_EQ(root.find("s")->string, "aA\n");
  ASSERT_EQ(root.find("a")->items.size(), 3u);
  EXPECT_EQ(root.find("a")->items[2].kind, JsonNode::Kind::object);
  EXPECT_NE(root.find("o")->find("x"), nullptr);
  EXPECT_EQ(root.find("absent"), nullptr);
  EXPECT_EQ(root.find("a")->find("x"), nullptr);
  EXPECT_EQ(root.find("s")->kind_name(), "a string");
  EXPECT_EQ(root.kind_name(), "an object");
}

TEST(JsonDocument, MembersStayInFileOrder) {
  const auto document = read(R"({"z":1,"a":2,"m":3})");
  EXPECT_EQ(document.root().members[0].key, "z");
  EXPECT_EQ(document.root().members[1].key, "a");
  EXPECT_EQ(document.root().members[2].key, "m");
}

TEST(JsonDocument, IntegersAtTheirBounds) {
  const auto document = read(
      "[9223372036854775807,-9223372036854775808,9223372036854775808,18446744073709551616,"
      "-9223372036854775809,-0,1.0]");
  const auto& items = document.root().items;
  EXPECT_EQ(items[0].integer, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(items[1].integer, std::numeric_limits<std::int64_t>::min());
  for (const std::size_t beyond : {2u, 3u, 4u, 6u}) {
    EXPECT_EQ(items[beyond].kind, JsonNode::Kind::number) << beyond;
  }
  EXPECT_DOUBLE_EQ(items[2].number, 9223372036854775808.0);
  EXPECT_DOUBLE_EQ(items[4].number, -9223372036854775809.0);
  EXPECT_EQ(items[5].kind, JsonNode::Kind::integer);
}

TEST(JsonDocument, AnyValueMayBeTheRoot) {
  EXPECT_EQ(read("7").root().integer, 7);
  EXPECT_EQ(read(" 7\n").root().offset, 1u);
  EXPECT_EQ(read("\"x\"").root().string, "x");
  EXPECT_EQ(read("null").root().kind, JsonNode::Kind::null);
  EXPECT_EQ(read("\xEF\xBB\xBF{\"a\":1}").root().offset, 3u);  // a byte order mark is passed over
}

std::string place(const JsonDocument& document, std::size_t offset) {
  const JsonPlace where = document.place(offset);
  return std::to_string(where.line) + ":" + std::to_string(where.column);
}

TEST(JsonDocument, PlacesOfKeysAndValues) {
  const auto document = read(
      "{\n"
      "  \"a\\\"b\" : 12,\n"
      "  \"h\u00e9\": [1,2 ,3],\"z\":-1.5e-3}\r\n");
  const auto& members = document.root().members;
  EXPECT_EQ(place(document, document.root().offset), "1:1");
  EXPECT_EQ(place(document, members[0].key_offset), "2:3");
  EXPECT_EQ(place(document, members[0].value.offset), "2:12");
  EXPECT_EQ(place(document, members[1].key_offset), "3:3");
  EXPECT_EQ(place(document, members[1].value.offset), "3:10");  // in bytes: the letter has two
  EXPECT_EQ(place(document, members[1].value.items[0].offset), "3:11");
  EXPECT_EQ(place(document, members[1].value.items[1].offset), "3:13");
  EXPECT_EQ(place(document, members[1].value.items[2].offset), "3:16");
  EXPECT_EQ(place(document, members[2].key_offset), "3:19");
  EXPECT_EQ(place(document, members[2].value.offset), "3:23");
}

TEST(JsonDocument, PlacesAfterNumbersWithAnyNeighbour) {
  for (const std::string number :
       {"0", "-0", "7", "12345", "-9.25", "0.5", "1e9", "1E+9", "2.5e-7", "99999999999999999999"}) {
    for (const std::string after : {"", " ", "\n", "\t\r\n"}) {
      const std::string text = fmt::format("[{0}{1},{0}{1}]", number, after);
      const auto items = read(text).root().items;
      ASSERT_EQ(items.size(), 2u) << text;
      EXPECT_EQ(items[0].offset, 1u) << text;
      EXPECT_EQ(items[1].offset, 2 + number.size() + after.size()) << text;

      const std::string object = fmt::format(R"({{"a":{0}{1},"b":{{"c":{0}{1}}},"d":[]}})", number, after);
      const auto members = read(object).root().members;
      EXPECT_EQ(members[1].key_offset, object.find("\"b\"")) << object;
      EXPECT_EQ(members[1].value.members[0].value.offset, object.find("\"c\"") + 4) << object;
      EXPECT_EQ(members[2].key_offset, object.find("\"d\"")) << object;
      EXPECT_EQ(members[2].value.offset, object.find("[]")) << object;
    }
    EXPECT_EQ(read(number).root().offset, 0u);
  }
}

// Writes random documents and keeps where it put each key and value.
class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::string text;
  std::vector<std::size_t> offsets;

  void value(int depth) {
    space();
    offsets.push_back(text.size());
    switch (depth == 0 ? 6 + pick(2) : pick(depth < 5 ? 8 : 6)) {
      case 0:
        text += "null";
        break;
      case 1:
        text += pick(2) == 0 ? "true" : "false";
        break;
      case 2:
        text += std::to_string(static_cast<std::int64_t>(random_()) - (std::int64_t{1} << 31));
        break;
      case 3:
        text += std::to_string(pick(1000)) + "." + std::to_string(pick(1000)) + (pick(2) == 0 ? "e-3" : "E+2");
        break;
      case 4:
      case 5:
        string();
        break;
      case 6: {
        text += '[';
        const unsigned count = pick(5);
        for (unsigned i = 0; i < count; ++i) {
          text += i == 0 ? "" : ",";
          value(depth + 1);
          space();
        }
        space();
        text += ']';
        break;
      }
      default: {
        text += '{';
        const unsigned count = pick(5);
        for (unsigned i = 0; i < count; ++i) {
          text += i == 0 ? "" : ",";
          space();
          offsets.push_back(text.size());
          text += "\"" + std::to_string(i) + "\\\\\\\" ,:{\"";
          space();
          text += ':';
          value(depth + 1);
          space();
        }
        text += '}';
      }
    }
  }

  void space() {
    for (unsigned count = pick(3); count > 0; --count) {
      text += " \n\t\r"[pick(4)];
    }
  }

 private:
  unsigned pick(unsigned bound) { return static_cast<unsigned>(random_()) % bound; }

  void string() {
    static const std::string kPieces[] = {"a",    ",",   ":",       "]",      "}",   "[", "{", "\\\"",
                                          "\\\\", "\\n", "\\u00e9", "\u00e9", "\\/", " ", "7"};
    text += '"';
    for (unsigned count = pick(6); count > 0; --count) {
      text += kPieces[pick(std::size(kPieces))];
    }
    text += '"';
  }

  std::mt19937 random_;
};

void collect(const JsonNode& node, std::vector<std::size_t>& offsets) {
  offsets.push_back(node.offset);
  for (const JsonNode& item : node.items) {
    collect(item, offsets);
  }
  for (const JsonNode::Member& member : node.members) {
    offsets.push_back(member.key_offset);
    collect(member.value, offsets);
  }
}

TEST(JsonDocument, PlacesInRandomDocuments) {
  std::size_t values = 0;
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    Writer writer(seed);
    writer.value(0);
    writer.space();
    const auto document = read(writer.text);
    std::vector<std::size_t> offsets;
    collect(document.root(), offsets);
    ASSERT_EQ(offsets, writer.offsets) << "seed " << seed << "\n" << writer.text;
    values += offsets.size();
  }
  EXPECT_GT(values, 10000u);
}

TEST(JsonDocument, LargeDocumentsAreRead) {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  std::string text = "{\"list\":[";
  for (int i = 0; text.size() < kMiB / 2; ++i) {
    text += (i == 0 ? "" : ",") + std::string("{\"name\":\"process.name\",\"value\":") + std::to_string(i) + "}";
  }
  text += "],\"map\":{\"first\":0";
  for (int i = 0; text.size() < kMiB; ++i) {
    text += ",\"key" + std::to_string(i) + "\":\n" + std::to_string(i);
  }
  text += "}}";
  const auto start = std::chrono::steady_clock::now();
  const auto document = read(text);
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_GT(document.root().find("map")->members.size(), 20000u);
  // Some tens of milliseconds without sanitizers. What grows with the square of the members takes minutes.
  EXPECT_LT(took, std::chrono::seconds(10));
}

TEST(AppendPointer, Escapes) {
  std::string pointer = "/rules/0";
  append_pointer(pointer, "a/b~c");
  EXPECT_EQ(pointer, "/rules/0/a~1b~0c");
}

}  // namespace
}  // namespace bongsu
