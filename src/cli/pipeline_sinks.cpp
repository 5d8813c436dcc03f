// SPDX-License-Identifier: Apache-2.0
//
// Pipeline: what it tells of its sinks to the others, and the heartbeats that they carry.
#include <string>
#include <utility>

#include "cli/agent_rules.h"
#include "cli/pipeline.h"

namespace bongsu {
namespace {

// A receiver that is started anew is back by then.
constexpr std::int64_t kTroubleNs = 60'000'000'000;
constexpr std::int64_t kSinkRetryNs = 10'000'000'000;
constexpr std::uint64_t kCalm = 100;  // alerts that wait

}  // namespace

void Pipeline::look_for_sink_losses(std::int64_t now_ns, const LossWatch::Tell& tell) {
  for (Sink* const sink : parts_.sinks.all()) {
    const SinkStats stats = sink->stats();
    const std::string what = "alerts to " + std::string(sink->name());
    culprit_ = sink;  // telling a sink of its own losses would make the next one
    losses_.look(what, "queue_full", stats.refused_full, now_ns, tell);
    losses_.look(what, "made_room", stats.evicted, now_ns, tell);
    losses_.look(what, "rejected", stats.rejected, now_ns, tell);
    losses_.look(what, "no_dead_letter", stats.unlettered, now_ns, tell);
    losses_.look(what, "spool_damaged", stats.damaged, now_ns, tell);
    culprit_ = nullptr;
    if (stats.failing_ns == 0 && stats.queued < kCalm) {
      // Now it can be told itself, of what it did not get for want of room.
      own_losses_.look(what, "made_room", stats.evicted + stats.refused_full, now_ns,
                       [&](std::string_view event, std::string_view reason, std::uint64_t count) {
                         sink->deliver(word_agent_event(EventType::drop, *agent_rule(EventType::drop),
                                                        {.event = std::string(event),
                                                         .reason = std::string(reason),
                                                         .count = static_cast<std::int64_t>(count)}));
                       });
    }
  }
}

void Pipeline::look_after_sinks(std::int64_t now_ns) {
  for (Sink* const sink : parts_.sinks.all()) {
    const SinkStats stats = sink->stats();
    const auto look = [&](const std::string& what, bool bad, const std::string& reason) {
      if (!bad) {
        in_trouble_.erase(what);
      } else if (in_trouble_.insert(what).second) {
        culprit_ = sink;
        tell(EventType::degraded, {.event = what, .reason = reason});
        culprit_ = nullptr;
      }
    };
    const std::string name(sink->name());
    look("alerts to " + name, stats.failing_ns != 0 && now_ns - stats.failing_ns >= kTroubleNs,
         "not delivered for a minute: " + stats.failure);
    look("spool of " + name, !stats.no_spool.empty(), "alerts wait in memory alone: " + stats.no_spool);
    look("thread of " + name, !stats.no_thread.empty(), "alerts wait, nobody delivers them: " + stats.no_thread);
    if (now_ns >= next_sink_retry_ns_) {
      sink->recover();
    }
  }
  if (now_ns >= next_sink_retry_ns_) {
    next_sink_retry_ns_ = now_ns + kSinkRetryNs;
  }
  parts_.sinks.beat(now_ns, [this] {
    return word_agent_event(EventType::heartbeat, heartbeat_rule(), {.count = static_cast<std::int64_t>(judged())});
  });
}

// For one destination, so by no rule of the user's.
std::shared_ptr<const Alert> Pipeline::word_agent_event(EventType type, const Rule& rule,
                                                        AgentEvent::Facts facts) const {
  facts.host_name = source_->identity().host().name;
  facts.wall_ns = parts_.clock.wall_ns();
  return parts_.builder.build(AgentEvent(type, std::move(facts)), rule);
}

}  // namespace bongsu
