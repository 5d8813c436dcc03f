// SPDX-License-Identifier: Apache-2.0
//
// An alert's JSON as a tree, for forms of bodies that pick from it. What cannot be read as JSON is told with what the
// alert says beside it. Owns the tree; the alert has to outlive it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "alert/alert.h"

namespace bongsu {

class AlertView {
 public:
  explicit AlertView(const Alert& alert);

  [[nodiscard]] const Alert& alert() const { return alert_; }
  [[nodiscard]] const nlohmann::json& root() const { return root_; }
  [[nodiscard]] bool whole() const { return whole_; }  // root() is all of the alert's JSON

  // What has the dotted name (`process.parent.name`, `rule.id`); null when there is none.
  [[nodiscard]] const nlohmann::json* find(std::string_view name) const;
  // As text; empty when there is none.
  [[nodiscard]] std::string text(std::string_view name) const;
  // The first of them that is not empty.
  [[nodiscard]] std::string first_text(std::initializer_list<std::string_view> names) const;

  // What several forms show.
  [[nodiscard]] std::string title() const;      // the rule's name, else its id
  [[nodiscard]] std::string container() const;  // its name, else the begin of its id

 private:
  const Alert& alert_;
  nlohmann::json root_;
  bool whole_ = false;
};

// The keys that lead to what has the dotted name: a map's key stands as it is, dots and all.
[[nodiscard]] std::vector<std::string> field_path(std::string_view name);
[[nodiscard]] const nlohmann::json* find_path(const nlohmann::json& root, const std::vector<std::string>& path);

// A string as it is, a list joined by spaces, an object as JSON, null as nothing.
void append_text(std::string& out, const nlohmann::json& value);
// On one line of valid UTF-8; never fails.
[[nodiscard]] std::string dumped(const nlohmann::json& value);
[[nodiscard]] std::string dumped(const nlohmann::ordered_json& value);

// Whether it says no more than that the monitor is alive. Does not look into the JSON.
[[nodiscard]] bool is_heartbeat(const Alert& alert);

}  // namespace bongsu
