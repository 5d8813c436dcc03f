// SPDX-License-Identifier: Apache-2.0
//
// Families that are more than the events of one kind: what of an event belongs to them is itself said in the rule
// language, as a condition that stands beside the rule's own.
#pragma once

#include <span>
#include <string_view>

#include "events/catalogue.h"
#include "rules/ir.h"

namespace bongsu {

struct Family {
  std::string_view name;  // "file.modify"
  std::string_view doc;
  std::span<const EventType> events;
  std::string_view condition;  // JSON of a match; true of the events, and of nothing else, that belong to the family
};

[[nodiscard]] std::span<const Family> partial_families();
[[nodiscard]] const Family* find_family(std::string_view name);

// event.action is one of `events`, of which there is at least one.
[[nodiscard]] ir::Condition action_in(std::span<const EventType> events);

// In a rule about a family `file.path` means every path that the event names. `path` and `target` are the same test, of
// file.path and of file.target_path: one of them passes; where the test is true of no value (ne, not_in), both do.
[[nodiscard]] ir::Condition of_each_path(ir::Condition path, ir::Condition target);

}  // namespace bongsu
