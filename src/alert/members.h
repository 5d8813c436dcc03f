// SPDX-License-Identifier: Apache-2.0
//
// All that an alert can have, as a list: the fields of events and what an alert adds to them. Its JSON Schema and its
// reference are made of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "events/catalogue.h"

namespace bongsu {

struct AlertMember {
  std::string_view name;  // its path, as "rule.id"
  FieldType type = FieldType::string;
  bool always = false;                // every alert has it
  std::vector<std::string> values{};  // if these are all that it can be
  std::string_view doc;
};

[[nodiscard]] std::vector<AlertMember> alert_members();

// The JSON Schema (2020-12) of an alert: docs/alert.schema.json.
[[nodiscard]] std::string alert_schema();

// The whole of docs/alerts.md.
[[nodiscard]] std::string alerts_markdown();

}  // namespace bongsu
