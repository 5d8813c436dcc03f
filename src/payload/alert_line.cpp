// SPDX-License-Identifier: Apache-2.0
#include "payload/alert_line.h"

#include <string>

#include "payload/alert_view.h"
#include "rules/literal.h"

namespace bongsu {

Result<Alert> read_alert(std::string_view line) {
  Alert alert;
  alert.json = line;
  const AlertView view(alert);
  if (!view.whole()) {
    return fail("not a JSON object", "an alert is one line of what bongsu run prints with --format json");
  }
  alert.id = view.text("event.id");
  alert.rule_id = view.text("rule.id");
  if (alert.id.empty() || alert.rule_id.empty()) {
    return fail("no alert: it has no event.id or no rule.id", "an event of bongsu trace has none");
  }
  if (!parse_timestamp(view.text("@timestamp"), alert.time_ns)) {
    alert.time_ns = 0;
  }
  alert.severity = parse_severity(view.text("rule.severity")).value_or(Severity::info);
  if (const nlohmann::json* tags = view.find("tags"); tags != nullptr && tags->is_array()) {
    alert.tags.reserve(tags->size());
    for (const nlohmann::json& tag : *tags) {
      append_text(alert.tags.emplace_back(), tag);
    }
  }
  return alert;
}

}  // namespace bongsu
