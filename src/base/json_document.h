// SPDX-License-Identifier: Apache-2.0
//
// A JSON text (RFC 8259) read into a tree that remembers where each value stood, for errors with line, column and
// pointer. nlohmann's parser does the reading; this adds the places, refuses duplicate keys and bounds the depth.
// The document owns its nodes; a node lives as long as its document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bongsu {

struct JsonPlace {
  std::size_t line = 1;    // from 1
  std::size_t column = 1;  // from 1, in bytes
};

class JsonNode {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, number, string, array, object };
  struct Member;

  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;     // kind integer
  double number = 0;            // kind number (fraction, exponent, or beyond int64)
  std::string string;           // kind string
  std::vector<JsonNode> items;  // kind array
  std::vector<Member> members;  // kind object, in file order, keys unique
  std::size_t offset = 0;       // of the value's first byte in the text

  [[nodiscard]] const JsonNode* find(std::string_view key) const;  // null when absent or not an object
  [[nodiscard]] std::string_view kind_name() const;                // "a string", "an object", ... for messages
};

struct JsonNode::Member {
  std::string key;
  std::size_t key_offset = 0;
  JsonNode value;
};

class JsonDocument {
 public:
  // Errors begin with line and column: "3:7: expected ',' or '}' after a member, found a string".
  [[nodiscard]] static Result<JsonDocument> parse(std::string_view text);

  [[nodiscard]] const JsonNode& root() const { return root_; }
  [[nodiscard]] JsonPlace place(std::size_t offset) const;  // of a node's offset or a member's key_offset

 private:
  std::vector<std::size_t> line_starts_{0};  // offset of each line's first byte
  JsonNode root_;
};

// The value as JSON again, on one line; a number beyond int64 as the nearest double.
void append_json(std::string& out, const JsonNode& node);

// Escapes one reference token of a JSON pointer (RFC 6901) and appends it with its slash.
void append_pointer(std::string& pointer, std::string_view token);

}  // namespace bongsu
