// SPDX-License-Identifier: Apache-2.0
#include "cli/pipeline.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "cli/pipeline_metrics.h"

namespace bongsu {
namespace {

constexpr int kTickMs = 1'000;                            // how old metrics and loss reports may be
constexpr std::int64_t kLossIntervalNs = 10'000'000'000;  // an ongoing loss is told again after this
constexpr std::chrono::seconds kGrace{4};                 // for delivery after the signal; exit is promised within 5 s

}  // namespace

Pipeline::Pipeline(Parts parts)
    : parts_(std::move(parts)),  // NOLINT(performance-move-const-arg): not trivially copyable; it holds the rules
      judge_(parts_.rules.rules(), parts_.scope, parts_.builder,
             [this](const std::shared_ptr<const Alert>& alert) { deliver(alert); }),
      losses_(kLossIntervalNs) {}

Status Pipeline::run(const SensorOptions& options, const Signals& signals) {
  auto source =
      EventSource::open(options, parts_.clock, [this](const LiveEvent& event) { on_event(event); }, parts_.recorder);
  if (!source) {
    return tl::make_unexpected(source.error());
  }
  source_ = std::move(*source);
  if (Status learnt = source_->snapshot(); !learnt) {
    return learnt;
  }
  publish_metrics();
  log::info("watching: {} rules, {} processes known, {} transport", parts_.rules.numbers().rules,
            source_->identity().counters().processes_known, to_string(source_->sensor().transport()));
  tell_degraded();
  tell_rule_errors("not in force: " + summary(parts_.rules.errors()), parts_.rules.errors().size());
  look_after_self(parts_.clock.boot_ns());  // from here on a pause is seen
  ready_ = true;

  Status polled;
  std::int64_t next_tick_ns = 0;
  for (int signal = 0; polled && signal != SIGTERM && signal != SIGINT; signal = signals.take()) {
    if (signal == SIGHUP) {
      reload();
    }
    polled = source_->poll(kTickMs, signals.fd());
    if (const std::int64_t now_ns = parts_.clock.boot_ns(); now_ns >= next_tick_ns) {
      constexpr std::int64_t kMillisecondNs = 1'000'000;
      next_tick_ns = now_ns + kTickMs * kMillisecondNs;
      tick();
    }
  }
  ready_ = false;
  const Deadline deadline = std::chrono::steady_clock::now() + kGrace;
  source_->finish();
  if (parts_.recorder != nullptr) {
    parts_.recorder->flushed();
  }
  judge_.flush();
  look_for_losses(true);
  finish_recording(deadline);
  if (!drain_all(parts_.sinks, deadline)) {
    log::warn("stopped before every alert was delivered");
  }
  publish_metrics();
  log::info("stopped");
  return polled;
}

Status Pipeline::ready() const { return ready_ ? Status{} : fail("not every probe is attached yet, or no more"); }

std::vector<MetricFamily> Pipeline::metrics() const {
  const std::scoped_lock lock(published_mutex_);
  return published_;
}

void Pipeline::publish_metrics() {
  std::vector<MetricFamily> metrics = pipeline_metrics({.source = *source_,
                                                        .rules = parts_.rules,
                                                        .sinks = parts_.sinks,
                                                        .judged = judge_.judged(),
                                                        .counts = judge_.counts(),
                                                        .state = judge_.state(),
                                                        .throttle = judge_.throttle(),
                                                        .out_of_scope = judge_.out_of_scope()});
  const std::scoped_lock lock(published_mutex_);
  published_.swap(metrics);
}

void Pipeline::on_event(const LiveEvent& event) {
  if (!judge_.on_event(event) && event.placed()) {  // nothing more of it: the kernel side leaves it out from here on
    source_->sensor().mute(cgroup_key(event.record().task()));
  }
}

void Pipeline::deliver(const std::shared_ptr<const Alert>& alert) {
  for (const std::unique_ptr<Sink>& sink : parts_.sinks) {
    if (sink.get() == culprit_) {
      continue;
    }
    sink->deliver(alert);  // a refusal is counted there, and told by look_for_losses()
  }
}

void Pipeline::tick() {
  const std::int64_t now_ns = parts_.clock.boot_ns();
  if (parts_.rules.due(parts_.clock.wall_ns())) {
    reload();
  }
  const std::int64_t wall_ns = parts_.clock.wall_ns();
  if (parts_.recorder != nullptr) {
    parts_.recorder->tick(now_ns, wall_ns);
  }
  judge_.tick(wall_ns);
  if (parts_.recorder != nullptr) {
    look_after_recording();
  }
  look_for_losses(false);
  look_after_self(now_ns);
  if (parts_.heartbeat_ns > 0 && now_ns >= next_heartbeat_ns_) {
    const std::uint64_t judged = std::accumulate(judge_.judged().begin(), judge_.judged().end(), std::uint64_t{0});
    tell(EventType::heartbeat, {.count = static_cast<std::int64_t>(judged - judged_at_heartbeat_)});
    judged_at_heartbeat_ = judged;
    next_heartbeat_ns_ = now_ns + parts_.heartbeat_ns;
  }
  publish_metrics();
}

void Pipeline::look_after_self(std::int64_t now_ns) {
  self_watch_.look(source_->sensor(), now_ns, [this](std::string_view what, const std::string& how) {
    log::warn("tampered with: {}: {}", what, how);
    tell(EventType::tamper, {.event = std::string(what), .reason = how, .count = 1});
  });
}

// The rules in force stay when the new ones cannot be read, or what they need cannot be attached.
void Pipeline::reload() {
  Result<LoadedRules> loaded = parts_.rules.read(parts_.clock.wall_ns());
  Status taken = loaded ? source_->sensor().want(loaded->rules->wanted()) : tl::make_unexpected(loaded.error());
  if (!taken) {
    parts_.rules.refuse();
    log::error("rules not reloaded: {}", taken.error().to_string());
    tell_rule_errors("not reloaded: " + taken.error().to_string(),
                     std::max<std::size_t>(parts_.rules.numbers().errors, 1));
    return;
  }
  judge_.use(loaded->rules);
  if (parts_.recorder != nullptr) {
    parts_.recorder->reloaded();
  }
  parts_.rules.take(std::move(*loaded));
  log::info("rules reloaded: {}", parts_.rules.numbers().rules);
  tell_rule_errors("not in force: " + summary(parts_.rules.errors()), parts_.rules.errors().size());
  tell_degraded();
  publish_metrics();
}

void Pipeline::tell_rule_errors(const std::string& what, std::size_t count) {
  if (count > 0) {
    tell(EventType::rule_error, {.reason = what, .count = static_cast<std::int64_t>(count)});
  }
}

void Pipeline::tell_degraded() {
  for (const HookChoice& choice : source_->sensor().plan()) {
    if (choice.hook == nullptr && degraded_.insert(choice.event).second) {
      log::warn("no rule about {} can match: {}", info(choice.event).name, choice.refused);
      tell(EventType::degraded, {.event = std::string(info(choice.event).name), .reason = choice.refused});
    }
  }
}

void Pipeline::look_for_floods() {
  for (const Sensor::Refusal& refusal : source_->sensor().take_refusals()) {
    const auto type = static_cast<EventType>(refusal.what.type);
    floods_told_.at(static_cast<std::size_t>(info(type).type)) += refusal.count;
    AgentEvent::Facts facts{
        .event = std::string(info(type).name), .reason = "flood", .count = static_cast<std::int64_t>(refusal.count)};
    if (const Container* container = source_->identity().container_of(refusal.what.cgroup); container != nullptr) {
      facts.container_id = container->id;
      facts.container_runtime = container->runtime;
      facts.pod_uid = container->pod_uid;
    }
    if (parts_.recorder != nullptr) {  // it may have taught identity's tables
      parts_.recorder->lookup({refusal.what.cgroup.hierarchy, refusal.what.cgroup.id});
    }
    log::warn("flood: {} {} of {} not told", refusal.count, facts.event,
              facts.container_id.empty() ? "the host" : facts.container_id);
    tell(EventType::flood, std::move(facts));
  }
}

void Pipeline::look_for_losses(bool last) {
  const std::int64_t now_ns = parts_.clock.boot_ns();
  const auto tell_loss = [this](std::string_view what, std::string_view reason, std::uint64_t count) {
    log::warn("lost {} {}: {}", count, what, reason);
    tell(EventType::drop,
         {.event = std::string(what), .reason = std::string(reason), .count = static_cast<std::int64_t>(count)});
  };
  const bongsu_counters counters = source_->sensor().counters();
  look_for_floods();  // after the counters: what a flood is refused in between must not look like a loss
  for (const EventInfo& event : events()) {
    for (std::size_t reason = 0; reason < BONGSU_LOSS_COUNT; ++reason) {
      const auto type = static_cast<std::size_t>(event.type);
      // What was refused for a flood is told as that; here is only what the table of refusals had no room for.
      const std::uint64_t told =
          reason == BONGSU_LOSS_FLOOD ? std::min<std::uint64_t>(floods_told_.at(type), counters.lost[type][reason]) : 0;
      losses_.look(event.name, to_string(static_cast<bongsu_loss>(reason)), counters.lost[type][reason] - told, now_ns,
                   tell_loss);
    }
  }
  losses_.look("record", "malformed", source_->malformed(), now_ns, tell_loss);
  if (parts_.recorder != nullptr) {
    losses_.look("recording", "disk_too_slow", parts_.recorder->totals().lost_frames, now_ns, tell_loss);
  }
  for (const std::unique_ptr<Sink>& sink : parts_.sinks) {
    const SinkStats stats = sink->stats();
    const std::string what = "alerts to " + std::string(sink->name());
    culprit_ = sink.get();  // telling a sink of its own losses would make the next one
    losses_.look(what, "queue_full", stats.refused_full, now_ns, tell_loss);
    losses_.look(what, "rejected", stats.rejected, now_ns, tell_loss);
    culprit_ = nullptr;
  }
  if (last) {
    losses_.flush(tell_loss);
  }
}

void Pipeline::tell(EventType type, AgentEvent::Facts facts) {
  facts.host_name = source_->identity().host().name;
  facts.wall_ns = parts_.clock.wall_ns();
  if (parts_.recorder != nullptr) {
    parts_.recorder->agent(type, facts, culprit_ == nullptr ? std::string_view{} : culprit_->name());
  }
  judge_.on_agent(AgentEvent(type, std::move(facts)));
}

// Judging goes on whatever becomes of the recording.
void Pipeline::look_after_recording() {
  if (const std::optional<Error> failure = parts_.recorder->take_failure()) {
    log::error("nothing is recorded any more: {}", failure->to_string());
    tell(EventType::drop, {.event = "recording", .reason = failure->to_string(), .count = 1});
  }
}

void Pipeline::finish_recording(Deadline deadline) {
  if (parts_.recorder == nullptr) {
    return;
  }
  if (!parts_.recorder->finish(source_->lost(), deadline)) {
    log::error("the recording was not written to its end in time");
  }
  look_after_recording();
  const Recorder::Totals totals = parts_.recorder->totals();
  log::info("recorded: {} records, {} bytes, {} in the file; {} frames lost", totals.records, totals.bytes,
            totals.file_bytes, totals.lost_frames);
}

}  // namespace bongsu
