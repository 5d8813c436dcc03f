// SPDX-License-Identifier: Apache-2.0
//
// A checked rule in words, and why it does or does not fire on an event: each condition's verdict, and the field that
// decided. Slow and plain on purpose: what judges events is the compiled program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "events/event_view.h"
#include "rules/ir.h"

namespace bongsu {

// A condition's verdict on an event; `children` beside those of the condition.
struct Verdict {
  const ir::Condition* condition = nullptr;
  bool holds = false;
  std::vector<Verdict> children;
};

[[nodiscard]] Verdict judge_condition(const ir::Condition& condition, const EventView& event);

// `process.name is one of "sh", "bash"`; long lists are cut and counted.
[[nodiscard]] std::string to_words(const ir::FieldTest& test);

// Which field tests made the verdict what it is, with the event's values: `process.parent.name is "nginxx", asked: one
// of "nginx", "httpd"`. At most a few of them; printable, one line.
[[nodiscard]] std::string deciding(const Verdict& verdict, const EventView& event);

// The condition as a tree, a line each, every line indented. With a verdict each line is marked `yes` or `no`, and
// fields tell the event's value. Printable.
void append_tree(std::string& out, const ir::Condition& condition, std::size_t indent);
void append_tree(std::string& out, const Verdict& verdict, const EventView& event, std::size_t indent);

// What an event costs before a rule can say no.
enum class CostClass : std::uint8_t {
  cheap,     // rare, or attached anyway for identity
  moderate,  // what a busy process causes now and then
  high       // what programs do all the time: each one crosses into user space
};
[[nodiscard]] CostClass cost_class(EventType event);
[[nodiscard]] CostClass cost_class(const ir::Rule& rule);  // of its most costly event
[[nodiscard]] std::string_view to_string(CostClass cost);

}  // namespace bongsu
