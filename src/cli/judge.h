// SPDX-License-Identifier: Apache-2.0
//
// The back half of the way: rules -> alert. Gets events in order and the passing of time, and says what is to be
// delivered; knows neither where they come from nor where alerts go. So a replay gives what the run gave. Belongs to
// one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "alert/alert.h"
#include "alert/builder.h"
#include "alert/throttle.h"
#include "cli/rule_counts.h"
#include "config/config.h"
#include "identity/agent_event.h"
#include "rules/engine.h"
#include "rules/rule_state.h"

namespace bongsu {

class Judge {
 public:
  using Deliver = std::function<void(const std::shared_ptr<const Alert>&)>;

  // Borrows the builder.
  Judge(std::shared_ptr<const Ruleset> rules, SensorConfig::Scope scope, const AlertBuilder& builder, Deliver deliver);
  ~Judge() = default;
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  // Goes on with other rules.
  void use(std::shared_ptr<const Ruleset> rules);

  // False: it is out of scope, and was not judged.
  bool on_event(const EventView& event);
  // What the monitor says of itself: by its own rules, and by the user's.
  void on_agent(const AgentEvent& event);
  // Once a second or so: where no events come, their time passes by the clock.
  void tick(std::int64_t wall_ns);
  // All that is held back is told: the end.
  void flush();

  [[nodiscard]] std::span<const std::uint64_t> judged() const { return events_; }  // by type
  [[nodiscard]] const RuleCounts& counts() const { return counts_; }
  [[nodiscard]] RuleState::Counters state() const { return state_.counters(); }
  [[nodiscard]] AlertThrottle::Counters throttle() const { return throttle_.counters(); }
  [[nodiscard]] std::uint64_t out_of_scope() const { return out_of_scope_; }

 private:
  [[nodiscard]] bool in_scope(const EventView& event) const;
  void judge(const EventView& event);
  void fire(const Rule& rule);

  std::shared_ptr<const Ruleset> rules_;
  SensorConfig::Scope scope_;
  const AlertBuilder& builder_;
  Deliver deliver_;
  RuleState state_;
  AlertThrottle throttle_;
  std::function<void(const Rule&)> on_match_;
  const EventView* judged_ = nullptr;  // the event that on_match_ is about

  std::vector<std::uint64_t> events_;
  RuleCounts counts_;
  std::uint64_t out_of_scope_ = 0;
  bool idle_ = true;  // no event since the last tick
};

}  // namespace bongsu
