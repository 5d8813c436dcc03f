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

// Whether file.target_path of such an event is a path that it changes, as file.path is. A symlink's is text.
[[nodiscard]] bool names_two_paths(EventType event);

// Makes step.match of its parts: a path of the event, with all that the rule asks of it.
void assemble(ir::Step& step);

// In a rule about a family: an exception silences the rule when it is true of each path for which the rule's own match
// is. `path` and `target` are the exception, asked of file.path and of file.target_path.
[[nodiscard]] ir::Condition excepted(const ir::Step& step, ir::Condition path, ir::Condition target);

}  // namespace bongsu
