// SPDX-License-Identifier: Apache-2.0
//
// A rule as the rest of the program sees it: what it is called, how grave it is, what to say. Its compiled match is the
// engine's own.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/catalogue.h"

namespace bongsu {

enum class Severity : std::uint8_t { info = 1, low, medium, high, critical };  // the numbers are event.severity

inline constexpr std::array<std::string_view, 5> kSeverityNames{"info", "low", "medium", "high", "critical"};

[[nodiscard]] std::string_view to_string(Severity severity);
[[nodiscard]] std::optional<Severity> parse_severity(std::string_view name);

// A message is literal text and placeholders; a placeholder names fields of which the first that has a value is shown,
// and may end in a text for when none has: {k8s.pod.uid|container.id|"the host"}.
struct MessagePart {
  std::string literal;          // before the fields; safe to print
  std::vector<FieldId> fields;  // may be empty
  std::string fallback;         // when no field has a value; safe to print
};

struct Rule {
  std::string id;
  std::string name;
  std::string description;
  Severity severity = Severity::medium;
  std::vector<EventType> events;
  std::vector<MessagePart> message;
  std::vector<std::string> tags;
  std::vector<std::string> attack;  // ATT&CK technique ids
  std::string file;                 // where it was read
};

}  // namespace bongsu
