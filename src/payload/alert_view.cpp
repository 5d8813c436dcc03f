// SPDX-License-Identifier: Apache-2.0
#include "payload/alert_view.h"

#include "base/strings.h"
#include "events/keyed_field.h"

namespace bongsu {
namespace {

using nlohmann::json;

// Far more than alerts have: writing a tree takes stack for each level.
constexpr int kMaxDepth = 64;
constexpr std::size_t kShortContainerId = 12;  // as docker and crictl print it
constexpr std::string_view kHeartbeatRule = "agent-heartbeat";

json read(const std::string& text) {
  json root(json::value_t::discarded);
  if (!text.starts_with('{')) {  // the parser would skip spaces and a byte order mark, which a quotation must not have
    return root;
  }
  bool deep = false;
  root = json::parse(
      text,
      [&deep](int depth, json::parse_event_t, json&) {
        deep = deep || depth > kMaxDepth;
        return !deep;
      },
      false);
  // To the library a zero byte is the end of the text.
  if (deep || !root.is_object() || text.find('\0') != std::string::npos) {
    root = json(json::value_t::discarded);
  }
  return root;
}

json what_is_known(const Alert& alert) {
  json known = {{"event", {{"id", alert.id}, {"severity", static_cast<int>(alert.severity)}}},
                {"rule", {{"id", alert.rule_id}, {"severity", to_string(alert.severity)}}},
                {"tags", alert.tags}};
  if (alert.time_ns != 0) {
    std::string time;
    append_timestamp(time, alert.time_ns);
    known["@timestamp"] = time;
  }
  return known;
}

}  // namespace

AlertView::AlertView(const Alert& alert) : alert_(alert), root_(read(alert.json)), whole_(!root_.is_discarded()) {
  if (!whole_) {
    root_ = what_is_known(alert);
  }
}

const json* AlertView::find(std::string_view name) const { return find_path(root_, field_path(name)); }

std::string AlertView::text(std::string_view name) const {
  std::string text;
  if (const json* value = find(name); value != nullptr) {
    append_text(text, *value);
  }
  return text;
}

std::string AlertView::first_text(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    if (std::string found = text(name); !found.empty()) {
      return found;
    }
  }
  return {};
}

std::string AlertView::title() const {
  std::string name = text("rule.name");
  return name.empty() ? alert_.rule_id : name;
}

std::string AlertView::container() const {
  std::string name = first_text({"k8s.container.name", "container.name"});
  return name.empty() ? text("container.id").substr(0, kShortContainerId) : name;
}

std::vector<std::string> field_path(std::string_view name) {
  std::string_view key;
  const std::optional<MapKey> map = split_map_key(name);
  if (map) {
    key = map->key;
    name = info(map->map).name;
  }
  std::vector<std::string> path;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    path.emplace_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  if (map) {
    path.emplace_back(key);
  }
  return path;
}

const json* find_path(const json& root, const std::vector<std::string>& path) {
  const json* at = &root;
  for (const std::string& key : path) {
    if (!at->is_object()) {
      return nullptr;
    }
    const auto found = at->find(key);
    if (found == at->end()) {
      return nullptr;
    }
    at = &*found;
  }
  return at;
}

void append_text(std::string& out, const json& value) {
  if (value.is_string()) {
    out += value.get_ref<const std::string&>();
  } else if (value.is_array()) {
    bool first = true;
    for (const json& item : value) {
      out += first ? "" : " ";
      append_text(out, item);
      first = false;
    }
  } else if (!value.is_null()) {
    out += dumped(value);
  }
}

std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string dumped(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

bool is_heartbeat(const Alert& alert) { return alert.rule_id == kHeartbeatRule; }

}  // namespace bongsu
