// SPDX-License-Identifier: Apache-2.0
#include "cli/judge.h"

#include <utility>

#include "cli/agent_rules.h"
#include "rules/state_key.h"

namespace bongsu {
namespace {

constexpr std::int64_t kLatestNs = 2'000'000'000;  // an event that is older has been judged

}  // namespace

Judge::Judge(std::shared_ptr<const Ruleset> rules, SensorConfig::Scope scope, const AlertBuilder& builder,
             Deliver deliver)
    : rules_(std::move(rules)),
      scope_(scope),
      builder_(builder),
      deliver_(std::move(deliver)),
      state_(rules_),
      throttle_([this](const EventView& event, const Rule& rule, const Rollup& rollup) {
        deliver_(builder_.build(event, rule, &rollup));
      }),
      hold_([this](const EventView& event, const Rule& rule) { deliver_(builder_.build(event, rule)); }),
      on_match_([this](const Rule& rule) { fire(rule); }),
      events_(kEventCount),
      counts_(rules_->rules()) {}

// What is remembered of the old rules refers to them: they go last.
void Judge::use(std::shared_ptr<const Ruleset> rules) {
  hold_.flush();
  throttle_.use(rules->rules());
  state_.use(rules);
  counts_.use(rules->rules());
  rules_ = std::move(rules);
}

bool Judge::in_scope(const EventView& event) const {
  if (scope_ == SensorConfig::Scope::all) {
    return true;
  }
  const bool contained = event.value(FieldId::container_id).has_value();
  return contained == (scope_ == SensorConfig::Scope::containers);
}

Judge::Verdict Judge::on_event(const EventView& event, bool awaits_pod) {
  idle_ = false;
  hold_.advance(event_time_ns(event));
  throttle_.advance(event_time_ns(event));
  if (!in_scope(event)) {
    ++out_of_scope_;
    return Verdict::out_of_scope;
  }
  if (const Exclusions::Why why = exclusions_.of(event); why != Exclusions::Why::none) {
    ++excluded_;
    return why == Exclusions::Why::by_namespace ? Verdict::out_of_scope : Verdict::excluded;
  }
  awaits_pod_ = awaits_pod;
  judge(event);
  awaits_pod_ = false;
  return Verdict::judged;
}

void Judge::on_agent(const AgentEvent& event) {
  if (const Rule* rule = agent_rule(event.type()); rule != nullptr) {
    deliver_(builder_.build(event, *rule));
  }
  judge(event);  // users may have rules of their own about it
}

void Judge::judge(const EventView& event) {
  ++events_[static_cast<std::size_t>(event.type())];
  judged_ = &event;
  state_.judge(event, on_match_);
}

void Judge::fire(const Rule& rule) {
  RuleCounts::Of& counts = counts_.of(rule);
  ++counts.matches;
  if (!throttle_.admit(*judged_, rule)) {
    ++counts.held;
  } else if (awaits_pod_) {
    hold_.hold(*judged_, rule);
  } else {
    deliver_(builder_.build(*judged_, rule));
  }
}

// Where events come, their own time ends what is held back.
void Judge::tick(std::int64_t wall_ns) {
  hold_.advance(wall_ns);
  if (std::exchange(idle_, true)) {
    throttle_.advance(wall_ns - kLatestNs);
  }
}

void Judge::flush() {
  hold_.flush();
  throttle_.flush();
}

}  // namespace bongsu
