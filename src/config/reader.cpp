// SPDX-License-Identifier: Apache-2.0
#include "config/reader.h"

#include <algorithm>

#include "base/strings.h"

namespace bongsu {
namespace {

using Kind = JsonNode::Kind;

std::string printable(std::string_view text) {
  std::string out;
  append_printable(out, text);
  return out;
}

std::string joined(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) {
    out += (out.empty() ? "" : ", ") + std::string(name);
  }
  return out;
}

}  // namespace

Status ConfigReader::read(const JsonNode& root, Config& config) {
  WebhookConfig none;
  if (auto status = read_group("", root, "", {config, none}); !status) {
    return status;
  }
  if (auto status = name_webhooks(config); !status) {
    const JsonNode* webhooks = root.find("webhooks");
    return fail_at(webhooks == nullptr ? root.offset : webhooks->offset, "/webhooks", status.error().message,
                   status.error().hint);
  }
  return {};
}

Status ConfigReader::read_key(const Key& key, const JsonNode& node, const std::string& pointer, Config& config) {
  WebhookConfig none;
  return read_value(key, node, pointer, {config, none});
}

Status ConfigReader::read_group(std::string_view path, const JsonNode& node, const std::string& pointer,
                                const Target& target) {
  if (node.kind != Kind::object) {
    return wrong_type("an object", node, pointer);
  }
  const std::vector<std::string_view> known = names_below(path);
  for (const JsonNode::Member& member : node.members) {
    std::string member_pointer = pointer;
    append_pointer(member_pointer, member.key);
    if (std::find(known.begin(), known.end(), member.key) == known.end()) {
      const std::string_view near = nearest(member.key, known);
      return fail_at(member.key_offset, member_pointer, "unknown key",
                     near.empty() ? "the keys here are " + joined(known) : "did you mean " + std::string(near) + "?");
    }
    const std::string member_path = path.empty() ? member.key : std::string(path) + "." + member.key;
    const Key* key = find_key(member_path);
    if (auto status = key != nullptr ? read_value(*key, member.value, member_pointer, target)
                                     : read_group(member_path, member.value, member_pointer, target);
        !status) {
      return status;
    }
  }
  return {};
}

Status ConfigReader::read_value(const Key& key, const JsonNode& node, const std::string& pointer,
                                const Target& target) {
  if (key.status == KeyStatus::later) {
    return fail_at(node.offset, pointer, "not supported by this version yet", "remove the key");
  }
  if (key.status == KeyStatus::ignored) {
    return {};
  }
  const Slot slot = key.slot(target.config, target.webhook);
  Status status;
  switch (key.type) {
    case KeyType::boolean:
      if (node.kind != Kind::boolean) {
        return wrong_type(expected(key), node, pointer);
      }
      *std::get<bool*>(slot) = node.boolean;
      break;
    case KeyType::text:
      if (node.kind != Kind::string) {
        return wrong_type(expected(key), node, pointer);
      }
      *std::get<std::string*>(slot) = node.string;
      break;
    case KeyType::choice:
      status = read_choice(key, node, pointer, *std::get<std::uint8_t*>(slot));
      break;
    case KeyType::duration:
    case KeyType::size:
      status = read_quantity(key, node, pointer, *std::get<std::int64_t*>(slot));
      break;
    case KeyType::count:
      if (node.kind != Kind::integer || node.integer < 0) {
        return fail_at(node.offset, pointer, "expected " + expected(key));
      }
      *std::get<std::int64_t*>(slot) = node.integer;
      break;
    case KeyType::texts:
      status = read_texts(node, pointer, *std::get<std::vector<std::string>*>(slot));
      break;
    case KeyType::text_map:
      status = read_map(node, pointer, *std::get<std::vector<std::pair<std::string, std::string>>*>(slot));
      break;
    case KeyType::objects:
      status = read_webhooks(node, pointer, target.config);
      break;
    case KeyType::other:
      break;
  }
  if (status && key.check != nullptr) {
    if (auto checked = key.check(slot); !checked) {
      return fail_at(node.offset, pointer, checked.error().message, checked.error().hint);
    }
  }
  return status;
}

Status ConfigReader::read_webhooks(const JsonNode& node, const std::string& pointer, Config& config) {
  if (node.kind != Kind::array) {
    return wrong_type("an array of objects", node, pointer);
  }
  std::vector<WebhookConfig> webhooks;
  for (std::size_t index = 0; index < node.items.size(); ++index) {
    const JsonNode& item = node.items[index];
    const std::string item_pointer = pointer + "/" + std::to_string(index);
    WebhookConfig webhook;
    if (auto status = read_group("webhooks[]", item, item_pointer, {config, webhook}); !status) {
      return status;
    }
    if (webhook.url.empty() && webhook.url_file.empty()) {
      return fail_at(item.offset, item_pointer, "the webhook has no url",
                     "add \"url\": \"https://...\", or \"url_file\"");
    }
    if (!webhook.url.empty() && !webhook.url_file.empty()) {
      return fail_at(item.offset, item_pointer, "both url and url_file", "remove one of them");
    }
    if (webhook.retry_first_ns > webhook.retry_max_ns) {
      return fail_at(item.offset, item_pointer + "/retry", "first is longer than max", "raise max or lower first");
    }
    webhooks.push_back(std::move(webhook));
  }
  config.webhooks = std::move(webhooks);
  return {};
}

Status ConfigReader::read_texts(const JsonNode& node, const std::string& pointer, std::vector<std::string>& out) {
  if (node.kind != Kind::array) {
    return wrong_type("an array of strings", node, pointer);
  }
  std::vector<std::string> texts;
  for (std::size_t index = 0; index < node.items.size(); ++index) {
    if (node.items[index].kind != Kind::string) {
      return wrong_type("a string", node.items[index], pointer + "/" + std::to_string(index));
    }
    texts.push_back(node.items[index].string);
  }
  out = std::move(texts);
  return {};
}

Status ConfigReader::read_map(const JsonNode& node, const std::string& pointer,
                              std::vector<std::pair<std::string, std::string>>& out) {
  if (node.kind != Kind::object) {
    return wrong_type("an object of strings", node, pointer);
  }
  out.clear();
  for (const JsonNode::Member& member : node.members) {
    if (member.value.kind != Kind::string) {
      std::string member_pointer = pointer;
      append_pointer(member_pointer, member.key);
      return wrong_type("a string", member.value, member_pointer);
    }
    out.emplace_back(member.key, member.value.string);
  }
  return {};
}

Status ConfigReader::read_choice(const Key& key, const JsonNode& node, const std::string& pointer, std::uint8_t& out) {
  if (node.kind != Kind::string) {
    return wrong_type(expected(key), node, pointer);
  }
  const auto found = std::find(key.choices.begin(), key.choices.end(), node.string);
  if (found != key.choices.end()) {
    out = static_cast<std::uint8_t>(found - key.choices.begin() + key.first_choice);
    return {};
  }
  const std::string_view near = nearest(node.string, key.choices);
  const std::string quoted = "\"" + printable(node.string) + "\"";
  if (near.empty() && key.more_later) {
    return fail_at(node.offset, pointer, quoted + " is not supported by this version yet", "use " + expected(key));
  }
  return fail_at(node.offset, pointer, quoted + " is not known here",
                 near.empty() ? "use " + expected(key) : "did you mean " + std::string(near) + "?");
}

Status ConfigReader::read_quantity(const Key& key, const JsonNode& node, const std::string& pointer,
                                   std::int64_t& out) {
  if (node.kind != Kind::string) {
    return wrong_type(expected(key), node, pointer);
  }
  std::int64_t value = 0;
  const bool duration = key.type == KeyType::duration;
  if (!(duration ? parse_duration_ns(node.string, value) : parse_size_bytes(node.string, value))) {
    return fail_at(node.offset, pointer, "\"" + printable(node.string) + "\" is not " + expected(key),
                   duration ? "the units are ns, us, ms, s, m, h and d"
                            : "the units are B, kB, MB, GB, TB, KiB, MiB, GiB and TiB");
  }
  out = value;
  return {};
}

tl::unexpected<Error> ConfigReader::wrong_type(std::string_view wanted, const JsonNode& node,
                                               const std::string& pointer) const {
  return fail_at(node.offset, pointer, "expected " + std::string(wanted) + ", not " + std::string(node.kind_name()));
}

tl::unexpected<Error> ConfigReader::fail_at(std::size_t offset, const std::string& pointer, std::string_view message,
                                            std::string hint) const {
  std::string where = source_;
  if (document_ != nullptr) {
    const JsonPlace place = document_->place(offset);
    where += (where.empty() ? "" : ":") + std::to_string(place.line) + ":" + std::to_string(place.column);
  }
  if (!where.empty()) {
    where += ": ";
  }
  if (!pointer.empty()) {
    append_printable(where, pointer);
    where += ": ";
  }
  where += message;
  return fail(std::move(where), std::move(hint));
}

Status name_webhooks(Config& config) {
  const auto taken = [&](std::string_view name) {
    return std::count_if(config.webhooks.begin(), config.webhooks.end(),
                         [&](const WebhookConfig& webhook) { return webhook.name == name; });
  };
  for (WebhookConfig& webhook : config.webhooks) {
    for (std::size_t number = 1; webhook.name.empty(); ++number) {
      const std::string name = "webhook-" + std::to_string(number);
      if (taken(name) == 0) {
        webhook.name = name;
      }
    }
    if (taken(webhook.name) > 1) {
      return fail("two webhooks are named " + webhook.name, "give each its own name");
    }
  }
  return {};
}

}  // namespace bongsu
