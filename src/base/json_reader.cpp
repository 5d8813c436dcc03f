// SPDX-License-Identifier: Apache-2.0
#include "base/json_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/strings.h"

namespace bongsu {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // the parser skips one at the front

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Sizes of tokens that the parser has found valid, with `text` beginning at the token.
std::size_t string_size(std::string_view text) {
  std::size_t at = 1;
  while (at < text.size() && text[at] != '"') {
    at += text[at] == '\\' ? 2U : 1U;
  }
  return std::min(at + 1, text.size());
}

std::size_t digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) {
    ++at;
  }
  return at;
}

std::size_t number_size(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  at = text.substr(at).starts_with('0') ? at + 1 : digits(text, at);  // 01 is two tokens
  if (text.substr(at).starts_with('.')) {
    at = digits(text, at + 1);
  }
  if (text.substr(at).starts_with('e') || text.substr(at).starts_with('E')) {
    ++at;
    if (text.substr(at).starts_with('+') || text.substr(at).starts_with('-')) {
      ++at;
    }
    at = digits(text, at);
  }
  return at;
}

// The part of `text` between two markers; empty when the first is not there.
std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  const std::size_t from = text.find(begin);
  if (from == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(from + begin.size());
  return text.substr(0, text.find(end));
}

std::string_view expected_in(std::string_view context, bool at_end) {
  if (context == "object key") {
    return "expected a key in double quotes";
  }
  if (context == "object separator") {
    return "expected ':' after the key";
  }
  if (context == "array") {
    return "expected ',' or ']' after an element";
  }
  if (context == "object") {
    return "expected ',' or '}' after a member";
  }
  return at_end ? "expected nothing more after the value" : "expected a value";
}

}  // namespace

JsonReader::JsonReader(std::string_view text, JsonNode& root)
    : text_(text), next_(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0), slot_(&root) {}

bool JsonReader::finish() {
  // The parser takes a NUL byte for the end of its input.
  const std::size_t rest = token_start(next_);
  return rest == text_.size() || refuse(rest, std::string(expected_in("value", true)) + ", found " + found(rest));
}

bool JsonReader::refuse(std::size_t offset, std::string message, std::string hint) {
  if (error_.empty()) {
    error_offset_ = offset;
    error_ = std::move(message);
    hint_ = std::move(hint);
  }
  return false;
}

bool JsonReader::null() {
  add(JsonNode::Kind::null, 4);
  return true;
}

bool JsonReader::boolean(bool value) {
  add(JsonNode::Kind::boolean, value ? 4 : 5).boolean = value;
  return true;
}

bool JsonReader::number_integer(std::int64_t value) {
  add(JsonNode::Kind::integer, 0).integer = value;
  return true;
}

bool JsonReader::number_unsigned(std::uint64_t value) {
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return number_float(static_cast<double>(value), {});
  }
  return number_integer(static_cast<std::int64_t>(value));
}

bool JsonReader::number_float(double value, const std::string& /*token*/) {
  add(JsonNode::Kind::number, 0).number = value;
  return true;
}

bool JsonReader::string(std::string& value) {
  add(JsonNode::Kind::string, 0).string = std::move(value);
  return true;
}

bool JsonReader::binary(nlohmann::json::binary_t& /*value*/) { return refuse(0, "binary values are not JSON"); }

bool JsonReader::start_object(std::size_t /*elements*/) { return open(JsonNode::Kind::object); }
bool JsonReader::start_array(std::size_t /*elements*/) { return open(JsonNode::Kind::array); }

bool JsonReader::key(std::string& value) {
  const std::size_t start = token_start(text_.size());
  next_ = start + string_size(text_.substr(start));
  JsonNode::Member& member = open_.back()->members.emplace_back();
  member.key = std::move(value);
  member.key_offset = start;
  slot_ = &member.value;
  return true;
}

bool JsonReader::end_object() { return refuse_duplicate(*open_.back()) && close(); }
bool JsonReader::end_array() { return close(); }

// The first byte of the next token. Separators before it are passed, but not the byte before `limit`: that one is the
// token.
std::size_t JsonReader::token_start(std::size_t limit) const {
  std::size_t at = next_;
  while (at < text_.size() && (is_space(text_[at]) || ((text_[at] == ':' || text_[at] == ',') && at + 1 < limit))) {
    ++at;
  }
  return at;
}

// Puts the next token's value where it belongs. Size 0: to be found out.
JsonNode& JsonReader::add(JsonNode::Kind kind, std::size_t token_size) {
  JsonNode* node = slot_;
  if (node == nullptr) {
    node = &open_.back()->items.emplace_back();
  }
  slot_ = nullptr;
  node->kind = kind;
  node->offset = token_start(text_.size());
  if (token_size == 0) {
    const std::string_view rest = text_.substr(node->offset);
    token_size = kind == JsonNode::Kind::string ? string_size(rest) : number_size(rest);
  }
  next_ = node->offset + token_size;
  return *node;
}

bool JsonReader::open(JsonNode::Kind kind) {
  JsonNode& node = add(kind, 1);
  if (open_.size() == kJsonDepthMax) {
    return refuse(node.offset, "nested deeper than " + std::to_string(kJsonDepthMax) + " levels");
  }
  open_.push_back(&node);
  return true;
}

bool JsonReader::close() {
  next_ = token_start(next_) + 1;
  open_.pop_back();
  return true;
}

// The first key, in file order, that its object had before.
bool JsonReader::refuse_duplicate(const JsonNode& object) {
  std::vector<const JsonNode::Member*> sorted;
  sorted.reserve(object.members.size());
  for (const JsonNode::Member& member : object.members) {
    sorted.push_back(&member);
  }
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    const int order = a->key.compare(b->key);
    return order != 0 ? order < 0 : a->key_offset < b->key_offset;
  });
  const JsonNode::Member* first = nullptr;
  const JsonNode::Member* second = nullptr;
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i]->key == sorted[i - 1]->key && (second == nullptr || sorted[i]->key_offset < second->key_offset)) {
      first = sorted[i - 1];
      second = sorted[i];
    }
  }
  if (second == nullptr) {
    return true;
  }
  const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(first->key_offset), '\n');
  std::string message = "key \"";
  append_printable(message, second->key);
  message += "\" appears twice in one object, first on line " + std::to_string(line);
  return refuse(second->key_offset, std::move(message), "remove one of them");
}

std::string JsonReader::found(std::size_t offset) const {
  if (offset >= text_.size()) {
    return "the end of the text";
  }
  const char first = text_[offset];
  if (first == '"') {
    return "a string";
  }
  if (is_digit(first)) {
    return "a number";
  }
  std::size_t size = 0;
  const auto in_word = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  constexpr std::size_t kShown = 32;
  while (offset + size < text_.size() && size < kShown && in_word(text_[offset + size])) {
    ++size;
  }
  std::string text = "'";
  append_printable(text, text_.substr(offset, std::max<std::size_t>(size, 1)));
  return text + "'";
}

// The exception's text is "[json.exception...] parse error at line 1, column 9: syntax error while parsing CONTEXT -
// WHAT; expected TOKEN". Only its parts are used: it counts columns and names tokens as a parser does, not a person.
bool JsonReader::parse_error(std::size_t bytes_read, const std::string& /*last_token*/,
                             const nlohmann::detail::exception& exception) {
  const std::string_view what = exception.what();
  const std::size_t start = token_start(bytes_read);
  constexpr int kNumberOverflow = 406;  // nlohmann's out_of_range.406
  if (exception.id == kNumberOverflow) {
    return refuse(start, "number out of range");
  }
  const std::string_view problem = between(what, " - ", "; last read:");
  if (problem == "invalid string: missing closing quote") {
    return refuse(start, "string without its closing quote");
  }
  if (!problem.starts_with("unexpected ") && problem != "invalid literal") {
    // Inside a token: the last byte read is the bad one.
    const std::size_t last = bytes_read == 0 ? 0 : bytes_read - 1;
    return refuse(std::min(last, text_.size()), std::string(problem.substr(0, problem.find('\n'))));
  }
  if (text_.substr(start).starts_with("//") || text_.substr(start).starts_with("/*")) {
    return refuse(start, "JSON has no comments");
  }
  if (start < text_.size() && (text_[start] == '}' || text_[start] == ']')) {
    const std::size_t before = text_.find_last_not_of(" \t\r\n", start - 1);
    if (start > 0 && before != std::string_view::npos && text_[before] == ',') {
      return refuse(before, std::string("trailing comma: nothing follows it before '") + text_[start] + "'");
    }
  }
  const bool at_end = open_.empty() && slot_ == nullptr;
  const std::string_view expected = expected_in(between(what, "while parsing ", " - "), at_end);
  return refuse(start, std::string(expected) + ", found " + found(start));
}

}  // namespace bongsu
