// SPDX-License-Identifier: Apache-2.0
//
// Where the checker stands in a file, and how it tells what it finds there. A Cursor is a chain of frames on the stack:
// its pointer is only spelled out when there is something to tell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json_document.h"
#include "rules/engine.h"
#include "rules/ir.h"

namespace bongsu {

class Cursor {
 public:
  explicit Cursor(const JsonNode& root) : node_(root) {}

  // The cursor below must outlive what these return.
  [[nodiscard]] Cursor member(const JsonNode::Member& member) const {
    return {member.value, *this, member.key, 0, member.key_offset};
  }
  [[nodiscard]] Cursor item(std::size_t index) const {
    return {node_.items[index], *this, {}, index, node_.items[index].offset};
  }

  [[nodiscard]] const JsonNode& node() const { return node_; }
  [[nodiscard]] std::size_t key_offset() const { return key_offset_; }  // of the key; of the value where there is none
  [[nodiscard]] std::string pointer() const;
  [[nodiscard]] ir::Place place() const { return {node_.offset, pointer()}; }

 private:
  Cursor(const JsonNode& node, const Cursor& parent, std::string_view key, std::size_t index, std::size_t key_offset)
      : node_(node), parent_(&parent), key_(key), index_(index), key_offset_(key_offset) {}

  const JsonNode& node_;
  const Cursor* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = 0;
  std::size_t key_offset_ = 0;
};

// Collects the diagnostics of one file.
class Report {
 public:
  Report(std::string file, const JsonDocument& document) : file_(std::move(file)), document_(document) {}

  void error(const Cursor& at, std::string message, std::string hint = {});
  void error(const Cursor& at, Error error) { this->error(at, std::move(error.message), std::move(error.hint)); }
  void error(const ir::Place& place, Error error);
  // The key is what is wrong, not its value.
  void key_error(const Cursor& at, std::string message, std::string hint = {});
  void key_error(const Cursor& at, Error error) { key_error(at, std::move(error.message), std::move(error.hint)); }
  void warning(const ir::Place& place, std::string message, std::string hint = {});

  // False, and an error, when the value is not of the kind.
  bool expect(const Cursor& at, JsonNode::Kind kind, std::string_view what);

  [[nodiscard]] std::size_t errors() const { return errors_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const JsonDocument& document() const { return document_; }
  [[nodiscard]] JsonPlace place(std::size_t offset) const { return document_.place(offset); }
  // "rules/x.json:12:7", to name one place in a message about another.
  [[nodiscard]] std::string where(std::size_t offset) const;
  // In the order of their positions.
  [[nodiscard]] std::vector<Diagnostic> take();

 private:
  void add(Diagnostic::Level level, std::size_t offset, std::string pointer, std::string message, std::string hint);

  std::string file_;
  const JsonDocument& document_;
  std::vector<Diagnostic> diagnostics_;
  std::size_t errors_ = 0;
};

// What the JSON parser says, "3:7: what", as a diagnostic with its place.
[[nodiscard]] Diagnostic parse_diagnostic(std::string file, const Error& error);

// "did you mean process.name?", or empty when nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace bongsu
