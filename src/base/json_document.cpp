// SPDX-License-Identifier: Apache-2.0
#include "base/json_document.h"

#include <algorithm>
#include <nlohmann/json.hpp>  // IWYU pragma: keep (sax_parse)

#include "base/json_reader.h"
#include "base/strings.h"

namespace bongsu {

const JsonNode* JsonNode::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) {
      return &member.value;
    }
  }
  return nullptr;
}

std::string_view JsonNode::kind_name() const {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
      return "an integer";
    case Kind::number:
      return "a number";
    case Kind::string:
      return "a string";
    case Kind::array:
      return "an array";
    case Kind::object:
      return "an object";
  }
  return "";
}

Result<JsonDocument> JsonDocument::parse(std::string_view text) {
  JsonDocument document;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    document.line_starts_.push_back(at + 1);
  }
  JsonReader reader(text, document.root_);
  bool good = false;
  try {
    good = nlohmann::json::sax_parse(text.begin(), text.end(), &reader) && reader.finish();
  } catch (const std::exception& error) {  // the library's edge; it promises not to throw here
    reader.refuse(0, error.what());
  }
  if (!good) {
    const JsonPlace place = document.place(reader.error_offset());
    return fail(std::to_string(place.line) + ":" + std::to_string(place.column) + ": " + reader.error(), reader.hint());
  }
  return document;
}

JsonPlace JsonDocument::place(std::size_t offset) const {
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const auto line = static_cast<std::size_t>(next - line_starts_.begin());
  return {line, offset - line_starts_[line - 1] + 1};
}

void append_json(std::string& out, const JsonNode& node) {
  const auto append_all = [&out](const auto& all, char open, char close, const auto& append_one) {
    out += open;
    for (const auto& one : all) {
      out += &one == &all.front() ? "" : ",";
      append_one(one);
    }
    out += close;
  };
  switch (node.kind) {
    case JsonNode::Kind::null:
      out += "null";
      return;
    case JsonNode::Kind::boolean:
      out += node.boolean ? "true" : "false";
      return;
    case JsonNode::Kind::integer:
      out += std::to_string(node.integer);
      return;
    case JsonNode::Kind::number:
      out += nlohmann::json(node.number).dump();
      return;
    case JsonNode::Kind::string:
      append_json_string(out, node.string);
      return;
    case JsonNode::Kind::array:
      append_all(node.items, '[', ']', [&out](const JsonNode& item) { append_json(out, item); });
      return;
    case JsonNode::Kind::object:
      append_all(node.members, '{', '}', [&out](const JsonNode::Member& member) {
        append_json_string(out, member.key);
        out += ':';
        append_json(out, member.value);
      });
      return;
  }
}

void append_pointer(std::string& pointer, std::string_view token) {
  pointer += '/';
  for (const char c : token) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

}  // namespace bongsu
