// SPDX-License-Identifier: Apache-2.0
//
// What is delivered: one finding, already worded. Immutable once built and shared by all sinks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rules/rule.h"

namespace bongsu {

struct Alert {
  std::string id;            // event.id
  std::int64_t time_ns = 0;  // @timestamp, since the Unix epoch; 0: there is none
  Severity severity = Severity::info;
  std::string rule_id;
  std::vector<std::string> tags;
  std::string json;  // one object on one line of valid UTF-8, without the newline
  std::string text;  // for people, lines without the last newline; empty unless the builder was asked for it

  // What it holds, for the bounds of queues.
  [[nodiscard]] std::size_t bytes() const { return sizeof(Alert) + json.size() + text.size(); }
};

// What goes out at once, the oldest first; at least one.
using Alerts = std::span<const std::shared_ptr<const Alert>>;

}  // namespace bongsu
