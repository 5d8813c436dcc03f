// SPDX-License-Identifier: Apache-2.0
//
// The whole way of `bongsu run`: sensor -> events -> identity -> rules -> alert -> sinks. The only place that wires
// rooms together. One thread reads, judges and words; each sink delivers on its own.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "alert/builder.h"
#include "alert/throttle.h"
#include "base/clock.h"
#include "base/result.h"
#include "cli/event_source.h"
#include "cli/loss_watch.h"
#include "cli/rule_counts.h"
#include "cli/rules_keeper.h"
#include "cli/self_watch.h"
#include "cli/signals.h"
#include "config/config.h"
#include "control/metrics.h"
#include "identity/agent_event.h"
#include "rules/engine.h"
#include "rules/rule_state.h"
#include "sinks/registry.h"

namespace bongsu {

class Pipeline {
 public:
  struct Parts {
    SensorConfig::Scope scope = SensorConfig::Scope::all;
    RulesKeeper& rules;
    const AlertBuilder& builder;
    const Sinks& sinks;
    const Clock& clock;
    std::int64_t heartbeat_ns = 0;  // how often the event heartbeat is judged
  };
  explicit Pipeline(Parts parts);

  // Attaches, learns the processes, then judges until SIGTERM or SIGINT; then everything already on its way is judged
  // and delivered, until `grace` after the signal.
  [[nodiscard]] Status run(const SensorOptions& options, const Signals& signals);

  // Any thread.
  [[nodiscard]] Status ready() const;
  [[nodiscard]] std::vector<MetricFamily> metrics() const;  // as of the last tick

 private:
  void on_event(const LiveEvent& event);
  [[nodiscard]] bool in_scope(const EventView& event) const;
  void reload();
  void tick();
  void look_after_self(std::int64_t now_ns);
  void judge(const EventView& event);
  void fire(const Rule& rule);
  void deliver(const EventView& event, const Rule& rule, const Rollup* rollup = nullptr);
  void look_for_losses(bool last);
  void look_for_floods();
  void tell_degraded();
  void tell_rule_errors(const std::string& what, std::size_t count);
  void tell(EventType type, AgentEvent::Facts facts);
  void publish_metrics();

  Parts parts_;
  RuleState state_;
  AlertThrottle throttle_;
  std::unique_ptr<EventSource> source_;
  LossWatch losses_;
  SelfWatch self_watch_;
  std::array<std::uint64_t, kEventCount> floods_told_{};
  std::set<EventType> degraded_;  // told already
  std::int64_t next_heartbeat_ns_ = 0;
  std::uint64_t judged_at_heartbeat_ = 0;
  std::function<void(const Rule&)> on_match_;
  const Sink* culprit_ = nullptr;      // the sink whose losses are being told to the others
  const EventView* judged_ = nullptr;  // the event that on_match_ is about

  // Of the judging thread; what others see is published once a tick.
  std::vector<std::uint64_t> events_;  // by type: judged
  RuleCounts counts_;
  std::uint64_t out_of_scope_ = 0;
  bool idle_ = true;  // no event since the last tick

  std::atomic<bool> ready_{false};
  mutable std::mutex published_mutex_;
  std::vector<MetricFamily> published_;  // guarded by published_mutex_
};

}  // namespace bongsu
