// SPDX-License-Identifier: Apache-2.0
//
// The SAX half of JsonDocument: takes nlohmann's events, builds the tree and finds each token's place. The library
// tells no places, but its events come in the order of the text, and what lies between two of them is only white space,
// ':' and
// ','; so the reader walks the text beside the parser, one token behind.
// Borrows the text and the root, which must not move before it is done.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_document.h"

namespace bongsu {

// A file nested deeper is no file of ours; the bound keeps recursion over the tree harmless.
inline constexpr std::size_t kJsonDepthMax = 64;

class JsonReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  JsonReader(std::string_view text, JsonNode& root);

  // After the library accepted the text: whether all of it was read.
  bool finish();
  // Keeps the first error; always false.
  bool refuse(std::size_t offset, std::string message, std::string hint = {});

  [[nodiscard]] std::size_t error_offset() const { return error_offset_; }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] const std::string& hint() const { return hint_; }

  bool null() override;
  bool boolean(bool value) override;
  bool number_integer(std::int64_t value) override;
  bool number_unsigned(std::uint64_t value) override;
  bool number_float(double value, const std::string& token) override;
  bool string(std::string& value) override;
  bool binary(nlohmann::json::binary_t& value) override;
  bool start_object(std::size_t elements) override;
  bool key(std::string& value) override;
  bool end_object() override;
  bool start_array(std::size_t elements) override;
  bool end_array() override;
  bool parse_error(std::size_t bytes_read, const std::string& last_token,
                   const nlohmann::detail::exception& exception) override;

 private:
  [[nodiscard]] std::size_t token_start(std::size_t limit) const;
  JsonNode& add(JsonNode::Kind kind, std::size_t token_size);
  bool open(JsonNode::Kind kind);
  bool close();
  bool refuse_duplicate(const JsonNode& object);
  [[nodiscard]] std::string found(std::size_t offset) const;

  std::string_view text_;
  std::size_t next_ = 0;         // first byte after the last token taken
  JsonNode* slot_;               // where the next value goes: the root, or the value of the key just read
  std::vector<JsonNode*> open_;  // containers not yet closed; only the innermost one grows, so the pointers hold
  std::size_t error_offset_ = 0;
  std::string error_;
  std::string hint_;
};

}  // namespace bongsu
