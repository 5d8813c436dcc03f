// SPDX-License-Identifier: Apache-2.0
//
// What rules remember from event to event: the windows of `count` and the steps of `sequence`. A rule set itself is
// immutable; this is what is asked about each event of a stream, in its order. Belongs to one thread.
#pragma once

#include <functional>
#include <memory>

#include "events/event_view.h"
#include "rules/engine.h"

namespace bongsu {

class RuleState {
 public:
  explicit RuleState(std::shared_ptr<const Ruleset> rules) : rules_(std::move(rules)) {}

  // Goes on with other rules.
  void use(std::shared_ptr<const Ruleset> rules) { rules_ = std::move(rules); }

  // Calls on_fire for every rule that the event makes fire, in the order of the rules.
  void judge(const EventView& event, const std::function<void(const Rule&)>& on_fire);

 private:
  std::shared_ptr<const Ruleset> rules_;
};

}  // namespace bongsu
