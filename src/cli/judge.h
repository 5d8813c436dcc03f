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
#include <string_view>
#include <vector>

#include "alert/alert.h"
#include "alert/builder.h"
#include "alert/hold.h"
#include "alert/throttle.h"
#include "cli/exclusions.h"
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

  void exclude(Exclusions exclusions) { exclusions_ = std::move(exclusions); }

  // Whether it was judged. What is out of scope stays so for its cgroup; labels may change.
  enum class Verdict : std::uint8_t { judged, out_of_scope, excluded };
  // `awaits_pod`: what the API server says of its pod is still to come.
  Verdict on_event(const EventView& event, bool awaits_pod = false);
  // A pod has become known; `pod` has its fields and no others.
  void on_pod(std::string_view uid, const EventView& pod) { hold_.complete(uid, pod); }
  // What the monitor says of itself: by its own rules, and by the user's.
  void on_agent(const AgentEvent& event);
  // Once a second or so, and oftener while alerts wait: where no events come, their time passes by the clock.
  void tick(std::int64_t wall_ns);
  [[nodiscard]] bool holds() const { return !hold_.empty(); }
  // All that is held back is told: the end.
  void flush();

  [[nodiscard]] std::span<const std::uint64_t> judged() const { return events_; }  // by type
  [[nodiscard]] const RuleCounts& counts() const { return counts_; }
  [[nodiscard]] RuleState::Counters state() const { return state_.counters(); }
  [[nodiscard]] AlertThrottle::Counters throttle() const { return throttle_.counters(); }
  [[nodiscard]] AlertHold::Counters hold() const { return hold_.counters(); }
  [[nodiscard]] std::uint64_t out_of_scope() const { return out_of_scope_; }
  [[nodiscard]] std::uint64_t excluded() const { return excluded_; }  // by namespace or label

 private:
  [[nodiscard]] bool in_scope(const EventView& event) const;
  void judge(const EventView& event);
  void fire(const Rule& rule);

  std::shared_ptr<const Ruleset> rules_;
  SensorConfig::Scope scope_;
  Exclusions exclusions_;
  const AlertBuilder& builder_;
  Deliver deliver_;
  RuleState state_;
  AlertThrottle throttle_;
  AlertHold hold_;
  std::function<void(const Rule&)> on_match_;
  const EventView* judged_ = nullptr;  // the event that on_match_ is about
  bool awaits_pod_ = false;            // the same

  std::vector<std::uint64_t> events_;
  RuleCounts counts_;
  std::uint64_t out_of_scope_ = 0;
  std::uint64_t excluded_ = 0;
  bool idle_ = true;  // no event since the last tick
};

}  // namespace bongsu
