// SPDX-License-Identifier: Apache-2.0
#include "config/set.h"

#include <charconv>

#include "base/json_document.h"
#include "config/lists.h"
#include "config/load.h"
#include "config/reader.h"

namespace bongsu {
namespace {

// A value typed as text, as JSON would hold it.
JsonNode text_node(const Key& key, std::string_view text) {
  JsonNode node;
  node.kind = JsonNode::Kind::string;
  node.string = text;
  if (key.type == KeyType::boolean && (text == "true" || text == "false")) {
    node.kind = JsonNode::Kind::boolean;
    node.boolean = text == "true";
  }
  if (key.type == KeyType::count) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), node.integer);
    if (error == std::errc{} && end == text.data() + text.size()) {
      node.kind = JsonNode::Kind::integer;
    }
  }
  return node;
}

// One element of a list key: a string, or a destination by its primary key.
JsonNode element_node(const Key& key, std::string_view text) {
  if (key.type != KeyType::objects) {
    return text_node(key, text);
  }
  JsonNode object;
  object.kind = JsonNode::Kind::object;
  object.members.push_back({std::string(find_list(key.path)->primary), 0, text_node(key, text)});
  return object;
}

bool is_list(const Key& key) { return key.type == KeyType::texts || key.type == KeyType::objects; }

Result<const Key*> settable_key(std::string_view path) {
  const Key* key = find_key(path);
  if (key == nullptr || key->status == KeyStatus::ignored || path.find('[') != std::string_view::npos) {
    return fail(std::string(path) + " is not a key that can be set alone");
  }
  return key;
}

}  // namespace

Status set_from_text(Config& config, const Key& key, std::string_view text, std::string_view source) {
  if (!is_list(key)) {
    return ConfigReader(source, nullptr).read_key(key, text_node(key, text), "", config);
  }
  if (text.find_first_not_of(" \t\r\n") != text.find('[')) {
    JsonNode list;
    list.kind = JsonNode::Kind::array;
    list.items.push_back(element_node(key, text));
    return ConfigReader(source, nullptr).read_key(key, list, "", config);
  }
  auto document = JsonDocument::parse(text);
  if (!document) {
    return fail((source.empty() ? "" : std::string(source) + ":") + document.error().message, document.error().hint);
  }
  return ConfigReader(source, &*document).read_key(key, document->root(), "", config);
}

Status set_config(Config& config, std::string_view path, std::string_view text) {
  const auto key = settable_key(path);
  if (!key) {
    return tl::make_unexpected(key.error());
  }
  if (auto status = set_from_text(config, **key, text, ""); !status) {
    return status;
  }
  return name_destinations(config);
}

Status add_config(Config& config, std::string_view path, std::string_view text) {
  const auto key = settable_key(path);
  if (!key) {
    return tl::make_unexpected(key.error());
  }
  if (!is_list(**key)) {
    return fail(std::string(path) + " is not a list");
  }
  // Read alone, then joined: an element is checked like any other, whatever is already there.
  Config one;
  if (auto status = set_from_text(one, **key, text, ""); !status) {
    return status;
  }
  if ((*key)->type == KeyType::texts) {
    Elements none;
    auto& to = *std::get<std::vector<std::string>*>((*key)->slot(config, none));
    const auto& from = *std::get<std::vector<std::string>*>((*key)->slot(one, none));
    to.insert(to.end(), from.begin(), from.end());
    return {};
  }
  find_list((*key)->path)->append(config, one);
  return name_destinations(config);
}

}  // namespace bongsu
