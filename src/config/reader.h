// SPDX-License-Identifier: Apache-2.0
//
// JSON into a Config, key by key through the table; the first thing that is wrong ends it. Borrows the document.
#pragma once

#include <string>
#include <string_view>

#include "base/json_document.h"
#include "base/result.h"
#include "config/config.h"
#include "config/keys.h"
#include "config/lists.h"

namespace bongsu {

class ConfigReader {
 public:
  // `document` null: the nodes were not read from a text, errors have no line. `source` empty: nor a name.
  ConfigReader(std::string_view source, const JsonDocument* document) : source_(source), document_(document) {}

  [[nodiscard]] Status read(const JsonNode& root, Config& config);
  // One key of the top level's groups; `pointer` is the value's place.
  [[nodiscard]] Status read_key(const Key& key, const JsonNode& node, const std::string& pointer, Config& config);

 private:
  struct Target {
    Config& config;
    Elements& elements;
  };

  [[nodiscard]] Status read_group(std::string_view path, const JsonNode& node, const std::string& pointer,
                                  const Target& target);
  [[nodiscard]] Status read_value(const Key& key, const JsonNode& node, const std::string& pointer,
                                  const Target& target);
  [[nodiscard]] Status read_list(const ConfigList& list, const JsonNode& node, const std::string& pointer,
                                 Config& config);
  [[nodiscard]] Status check_required(const ConfigList& list, const JsonNode& item, const std::string& pointer) const;
  [[nodiscard]] Status read_texts(const JsonNode& node, const std::string& pointer, std::vector<std::string>& out);
  [[nodiscard]] Status read_map(const JsonNode& node, const std::string& pointer,
                                std::vector<std::pair<std::string, std::string>>& out);
  [[nodiscard]] Status read_choice(const Key& key, const JsonNode& node, const std::string& pointer, std::uint8_t& out);
  [[nodiscard]] Status read_quantity(const Key& key, const JsonNode& node, const std::string& pointer,
                                     std::int64_t& out);
  [[nodiscard]] tl::unexpected<Error> wrong_type(std::string_view wanted, const JsonNode& node,
                                                 const std::string& pointer) const;
  [[nodiscard]] tl::unexpected<Error> fail_at(std::size_t offset, const std::string& pointer, std::string_view message,
                                              std::string hint = {}) const;

  std::string source_;
  const JsonDocument* document_;
};

}  // namespace bongsu
