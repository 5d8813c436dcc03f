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

// What is held back when a rule fires often: the first `max` alerts of a window go out at once, one roll-up alert
// tells of the others when it ends.
struct Throttle {
  bool enabled = true;
  std::vector<FieldId> by{FieldId::container_id, FieldId::process_executable};  // what shares a window, rule apart
  std::int64_t per_ns = 10'000'000'000;                                         // the window
  std::uint32_t max = 1;                                                        // alerts that go out in a window

  bool operator==(const Throttle&) const = default;
};

// The rule fires when its match was met often enough in a window that slides.
struct Count {
  std::vector<FieldId> by;           // what is counted together; empty: everything
  std::int64_t within_ns = 0;        // the window
  FieldId distinct = FieldId::none;  // count different values of this field, not events; none: events
  std::uint32_t at_least = 0;        // from 2

  bool operator==(const Count&) const = default;
};

// An event's field equals one of an earlier step: {"file.path": "$1.file.path"}.
struct StepReference {
  FieldId field = FieldId::none;
  std::uint32_t step = 0;  // from 0
  FieldId source = FieldId::none;

  bool operator==(const StepReference&) const = default;
};

struct SequenceStep {
  std::vector<EventType> events;
  std::vector<StepReference> references;  // all of them hold
  bool of_family = false;                 // such as file.modify: file.path is each path that the event names

  bool operator==(const SequenceStep&) const = default;
};

// The rule fires at the event of the last step, when all steps were met in this order within the window.
struct Sequence {
  std::vector<FieldId> by;     // what the steps have in common; empty: nothing
  std::int64_t within_ns = 0;  // from the first step to the last
  std::vector<SequenceStep> steps;

  bool operator==(const Sequence&) const = default;
};

// Why a rule keeps silent where its match is met.
struct Exception {
  std::string name;
  std::string reason;
  std::int64_t expires_ns = 0;  // since the Unix epoch: from then on it no longer applies; 0: never
};

struct Rule {
  std::string id;
  std::string name;
  std::string description;
  Severity severity = Severity::medium;
  std::vector<EventType> events;  // of a sequence: those of all steps
  std::vector<MessagePart> message;
  std::vector<std::string> tags;
  std::vector<std::string> attack;  // ATT&CK technique ids
  Throttle throttle;
  std::optional<Count> count;  // at most one of count and sequence
  std::optional<Sequence> sequence;
  std::vector<Exception> exceptions;  // those in force: what has expired is left out at load
  std::string file;                   // where it was read
};

}  // namespace bongsu
