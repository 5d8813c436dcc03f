// SPDX-License-Identifier: Apache-2.0
//
// What the pipeline's rooms count, as metrics. docs/operations.md lists them; each counter of something refused or lost
// is here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "alert/hold.h"
#include "alert/redact.h"
#include "alert/throttle.h"
#include "cli/event_latency.h"
#include "cli/event_source.h"
#include "cli/rule_counts.h"
#include "cli/rules_keeper.h"
#include "control/metrics.h"
#include "kubernetes/watch_numbers.h"
#include "rules/rule_state.h"
#include "sinks/registry.h"

namespace bongsu {

struct PipelineNumbers {
  const EventSource& source;
  const RulesKeeper& rules;
  const std::vector<Sink*>& sinks;
  std::span<const std::uint64_t> judged;  // by event type
  const RuleCounts& counts;
  const EventLatency& latency;
  RuleState::Counters state;
  AlertThrottle::Counters throttle;
  std::optional<PodWatchNumbers> pods;  // none: the API server is not asked
  AlertHold::Counters hold;
  std::uint64_t excluded = 0;
  std::uint64_t out_of_scope = 0;
  const Redactor* redactor = nullptr;  // null: nothing is masked
  std::int64_t now_ns = 0;             // Clock::boot_ns()
};

[[nodiscard]] std::vector<MetricFamily> pipeline_metrics(const PipelineNumbers& numbers);

}  // namespace bongsu
