// SPDX-License-Identifier: Apache-2.0
//
// What the pipeline's rooms count, as metrics. docs/operations.md lists them; each counter of something refused or lost
// is here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alert/hold.h"
#include "alert/redact.h"
#include "alert/throttle.h"
#include "base/latency_histogram.h"
#include "cli/rule_counts.h"
#include "cli/rules_keeper.h"
#include "cli/sink_metrics.h"
#include "control/metrics.h"
#include "identity/identity.h"
#include "kubernetes/watch_numbers.h"
#include "rules/engine.h"
#include "rules/rule_state.h"
#include "sensor/sensor.h"

namespace bongsu {

// Copies, so that they can be put into words when and where somebody asks, not each time they are taken.
struct PipelineNumbers {
  bongsu_counters kernel{};
  HookPlan plan;
  std::vector<BufferFill> rings;
  std::uint64_t malformed = 0;
  IdentityCounters identity;
  RulesKeeper::Numbers rules;
  std::shared_ptr<const Ruleset> ruleset;  // null: these are none, nothing was counted yet
  std::vector<SinkNumbers> sinks;
  std::vector<std::uint64_t> judged;    // by event type
  std::vector<RuleCounts::Of> matches;  // by rule of the set
  LatencyHistogram sampled_events;
  LatencyHistogram alerting_events;
  RuleState::Counters state;
  AlertThrottle::Counters throttle;
  std::optional<PodWatchNumbers> pods;  // none: the API server is not asked
  AlertHold::Counters hold;
  std::uint64_t excluded = 0;
  std::uint64_t out_of_scope = 0;
  std::vector<Redactor::Count> redacted;
  std::int64_t now_ns = 0;  // Clock::boot_ns()
};

// Nothing of numbers that are none.
[[nodiscard]] std::vector<MetricFamily> pipeline_metrics(const PipelineNumbers& numbers);

}  // namespace bongsu
