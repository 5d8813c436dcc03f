// SPDX-License-Identifier: Apache-2.0
//
// What the pipeline's rooms count, as metrics. docs/operations.md lists them; each counter of something refused or lost
// is here.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cli/event_source.h"
#include "control/metrics.h"
#include "rules/engine.h"
#include "sinks/registry.h"

namespace bongsu {

struct PipelineNumbers {
  const EventSource& source;
  const Ruleset& rules;
  const Sinks& sinks;
  std::span<const std::uint64_t> judged;   // by event type
  std::span<const std::uint64_t> matches;  // by rule
  std::uint64_t out_of_scope = 0;
};

[[nodiscard]] std::vector<MetricFamily> pipeline_metrics(const PipelineNumbers& numbers);

}  // namespace bongsu
