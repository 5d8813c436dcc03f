// SPDX-License-Identifier: Apache-2.0
//
// What is delivered: one finding, already worded. Immutable once built and shared by all sinks.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rules/rule.h"

namespace bongsu {

struct Alert {
  std::string id;  // event.id
  Severity severity = Severity::info;
  std::string rule_id;
  std::vector<std::string> tags;
  std::string json;  // one object on one line of valid UTF-8, without the newline
  std::string text;  // for people, lines without the last newline; empty unless the builder was asked for it

  // What it holds, for the bounds of queues.
  [[nodiscard]] std::size_t bytes() const { return sizeof(Alert) + json.size() + text.size(); }
};

}  // namespace bongsu
