// SPDX-License-Identifier: Apache-2.0
//
// Pipeline: what it tells of its sinks to the others, and the heartbeats that they carry.
#include <string>
#include <utility>

#include "base/log.h"
#include "cli/agent_rules.h"
#include "cli/pipeline.h"

namespace bongsu {
namespace {

// A receiver that is started anew is back by then.
constexpr std::int64_t kTroubleNs = 60'000'000'000;

}  // namespace

void Pipeline::look_for_sink_losses(std::int64_t now_ns, const LossWatch::Tell& tell) {
  for (const std::unique_ptr<Sink>& sink : parts_.sinks.all()) {
    const SinkStats stats = sink->stats();
    const std::string what = "alerts to " + std::string(sink->name());
    culprit_ = sink.get();  // telling a sink of its own losses would make the next one
    losses_.look(what, "queue_full", stats.refused_full, now_ns, tell);
    losses_.look(what, "made_room", stats.evicted, now_ns, tell);
    losses_.look(what, "rejected", stats.rejected, now_ns, tell);
    losses_.look(what, "spool_damaged", stats.damaged, now_ns, tell);
    culprit_ = nullptr;
  }
}

void Pipeline::look_after_sinks(std::int64_t now_ns) {
  for (const std::unique_ptr<Sink>& sink : parts_.sinks.all()) {
    const SinkStats stats = sink->stats();
    const auto look = [&](const std::string& what, bool bad, const std::string& reason) {
      if (!bad) {
        in_trouble_.erase(what);
      } else if (in_trouble_.insert(what).second) {
        culprit_ = sink.get();
        tell(EventType::degraded, {.event = what, .reason = reason});
        culprit_ = nullptr;
      }
    };
    const std::string name(sink->name());
    look("alerts to " + name, stats.failing_ns != 0 && now_ns - stats.failing_ns >= kTroubleNs,
         "not delivered for a minute: " + stats.failure);
    look("spool of " + name, !stats.no_spool.empty(), "alerts wait in memory alone: " + stats.no_spool);
  }
  parts_.sinks.beat(now_ns, [this] {
    return parts_.builder.build(AgentEvent(EventType::heartbeat, {.host_name = source_->identity().host().name,
                                                                  .wall_ns = parts_.clock.wall_ns(),
                                                                  .count = static_cast<std::int64_t>(judged())}),
                                heartbeat_rule());
  });
}

}  // namespace bongsu
