// SPDX-License-Identifier: Apache-2.0
#include "cli/pipeline.h"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iterator>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "confine/calls.h"
#include "control/process_metrics.h"

namespace bongsu {
namespace {

constexpr int kTickMs = 1'000;                            // how old metrics and loss reports may be
constexpr int kHoldTickMs = 50;                           // while alerts wait for their pods
constexpr std::int64_t kLossIntervalNs = 10'000'000'000;  // an ongoing loss is told again after this
constexpr std::chrono::seconds kGrace{4};                 // for delivery after the signal; exit is promised within 5 s

}  // namespace

Pipeline::Pipeline(Parts parts)
    : parts_(std::move(parts)),  // NOLINT(performance-move-const-arg): not trivially copyable; it holds the rules
      judge_(parts_.rules.rules(), parts_.config.config().sensor.scope, parts_.builder,
             [this](const std::shared_ptr<const Alert>& alert) { deliver(alert); }),
      latency_(parts_.clock),
      losses_(kLossIntervalNs),
      own_losses_(kLossIntervalNs),
      ready_degraded_(parts_.config.config().http.ready_degraded) {
  judge_.exclude(Exclusions(parts_.config.config().kubernetes));
}

Status Pipeline::run(const SensorOptions& options, const Signals& signals) {
  open_note();
  const Config& config = parts_.config.config();
  auto source =
      EventSource::open(options, parts_.clock, [this](const LiveEvent& event) { on_event(event); }, parts_.recorder,
                        {.bundle_directories = config.containers.bundle_directories,
                         .node_name = config.kubernetes.node_name,
                         .pods_expected = parts_.api.has_value()});
  if (!source) {
    return tl::make_unexpected(source.error());
  }
  source_ = std::move(*source);
  gate(parts_.rules.gates());
  if (Status watched = watch_pods(); !watched) {
    return watched;
  }
  const std::int64_t watching_since_ns = parts_.clock.wall_ns();
  if (Status learnt = source_->snapshot(); !learnt) {
    return learnt;
  }
  publish_numbers();
  confine();
  log::info("watching: {} rules, {} processes known, {} transport", parts_.rules.numbers().rules,
            source_->identity().counters().processes_known, to_string(source_->sensor().transport()));
  tell_gap(watching_since_ns);
  tell_degraded();
  for (const std::string& why : parts_.config.left_out()) {
    log::error("left out: {}", why);
    tell_errors("left out: " + why, 1);
  }
  for (const std::string& why : parts_.sinks.left_out()) {
    log::error("left out: {}", why);
    tell_errors("left out: " + why, 1);
  }
  tell_errors("rules not in force: " + summary(parts_.rules.errors()), parts_.rules.errors().size());
  ::malloc_trim(0);                         // what reading rules and the kernel's types took, and gave back
  look_after_self(parts_.clock.boot_ns());  // from here on a pause is seen
  ready_ = true;

  Status polled;
  std::int64_t next_tick_ns = 0;
  for (int signal = 0; polled && signal != SIGTERM && signal != SIGINT; signal = signals.take()) {
    if (signal == SIGHUP) {
      if (!reconfigure()) {
        reload();
      }
    }
    polled = source_->poll(judge_.holds() ? kHoldTickMs : kTickMs, signals.fd());
    if (const std::int64_t now_ns = parts_.clock.boot_ns(); now_ns >= next_tick_ns) {
      constexpr std::int64_t kMillisecondNs = 1'000'000;
      next_tick_ns = now_ns + kTickMs * kMillisecondNs;
      tick();
    } else if (judge_.holds()) {
      let_time_pass();
    }
  }
  ready_ = false;
  const Deadline deadline = std::chrono::steady_clock::now() + kGrace;
  const std::int64_t judged_until_ns = parts_.clock.wall_ns();
  source_->finish();
  note(judged_until_ns, true);
  if (parts_.recorder != nullptr) {
    parts_.recorder->flushed();
  }
  judge_.flush();
  look_for_losses(true);
  finish_recording(deadline);
  if (!parts_.sinks.drain(deadline)) {
    log::warn("stopped before every alert was delivered");
  }
  publish_numbers();
  log::info("stopped");
  return polled;
}

// All is loaded and every thread is there that has work of its own; what is made later inherits it.
void Pipeline::confine() {
  if (!parts_.confine) {
    return;
  }
  if (Status confined = allow_only_needed_calls(); !confined) {
    log::error("{}", confined.error().to_string());
    tell(EventType::degraded, {.event = "confine", .reason = confined.error().to_string()});
  }
}

Status Pipeline::ready() const {
  if (!ready_) {
    return fail("not every probe is attached yet, or no more");
  }
  std::string missing;  // events that are wanted and not attached
  const std::scoped_lock lock(published_mutex_);
  for (const HookChoice& choice : published_.plan) {
    if (choice.hook == nullptr) {
      missing.append(missing.empty() ? "" : ", ").append(info(choice.event).name);
    }
  }
  if (!missing.empty() && !ready_degraded_) {
    return fail("these events are not seen on this host though rules want them: " + missing,
                "bongsu doctor says why; http.ready_degraded, or rules without them");
  }
  return {};
}

std::vector<MetricFamily> Pipeline::metrics() const {
  std::vector<MetricFamily> all = process_metrics("/proc");
  const PipelineNumbers numbers = [this] {
    const std::scoped_lock lock(published_mutex_);
    return published_;
  }();
  std::vector<MetricFamily> own = pipeline_metrics(numbers);
  std::ranges::move(own, std::back_inserter(all));
  return all;
}

void Pipeline::publish_numbers() {
  const Sensor& sensor = source_->sensor();
  PipelineNumbers numbers{
      .kernel = sensor.counters(),
      .plan = sensor.plan(),
      .rings = sensor.buffer_fill(),
      .malformed = source_->malformed(),
      .identity = source_->identity().counters(),
      .rules = parts_.rules.numbers(),
      .ruleset = parts_.rules.rules(),
      .sinks = {},
      .judged = {judge_.judged().begin(), judge_.judged().end()},
      .matches = judge_.counts().all(),
      .sampled_events = latency_.sampled_events(),
      .alerting_events = latency_.alerting_events(),
      .state = judge_.state(),
      .throttle = judge_.throttle(),
      .pods = pod_watch_ == nullptr ? std::nullopt : std::optional(pod_watch_->numbers()),
      .hold = judge_.hold(),
      .excluded = judge_.excluded(),
      .out_of_scope = judge_.out_of_scope(),
      .redacted = parts_.redactor == nullptr ? std::vector<Redactor::Count>{} : parts_.redactor->redacted(),
      .now_ns = parts_.clock.boot_ns()};
  numbers.sinks.reserve(parts_.sinks.all().size());
  for (const Sink* const sink : parts_.sinks.all()) {
    numbers.sinks.push_back({std::string(sink->name()), sink->stats()});
  }
  const std::scoped_lock lock(published_mutex_);
  std::swap(published_, numbers);
}

void Pipeline::on_event(const LiveEvent& event) {
  latency_.arrived();
  const Judge::Verdict verdict = judge_.on_event(event, event.awaits_pod());
  if (verdict == Judge::Verdict::judged) {
    latency_.judged(event.record().header().time_ns);
    if (event.placed()) {
      if (const bongsu_cgroup_key cgroup = cgroup_key(event.record().task()); !source_->sensor().is_placed(cgroup)) {
        source_->sensor().place(cgroup, event.value(FieldId::container_id).has_value());
      }
    }
  } else if (verdict == Judge::Verdict::out_of_scope && event.placed()) {
    // Nothing more of it: the kernel side leaves it out from here on.
    source_->sensor().mute(cgroup_key(event.record().task()));
  }
}

void Pipeline::deliver(const std::shared_ptr<const Alert>& alert) {
  latency_.alerted();
  for (Sink* const sink : parts_.sinks.all()) {
    if (sink == culprit_) {
      continue;
    }
    sink->deliver(alert);  // a refusal is counted there, and told by look_for_losses()
  }
}

void Pipeline::let_time_pass() {
  source_->learn_pods();
  const std::int64_t wall_ns = parts_.clock.wall_ns();
  if (parts_.recorder != nullptr) {
    parts_.recorder->tick(parts_.clock.boot_ns(), wall_ns);
  }
  judge_.tick(wall_ns);
}

void Pipeline::tick() {
  const std::int64_t now_ns = parts_.clock.boot_ns();
  if (const bool changed = parts_.config.due(); changed || config_refused_.due(now_ns)) {
    reconfigure(!changed);
  }
  if (const bool due = parts_.rules.due(parts_.clock.wall_ns()); due || rules_refused_.due(now_ns)) {
    reload(!due);
  }
  let_time_pass();
  if (parts_.recorder != nullptr) {
    look_after_recording();
  }
  look_for_losses(false);
  look_after_sinks(now_ns);
  look_after_self(now_ns);
  note(parts_.clock.wall_ns(), false);
  const std::int64_t heartbeat_ns = parts_.config.config().heartbeat_ns;
  if (heartbeat_ns > 0 && now_ns >= next_heartbeat_ns_) {
    tell(EventType::heartbeat, {.count = static_cast<std::int64_t>(judged() - judged_at_heartbeat_)});
    judged_at_heartbeat_ = judged();
    next_heartbeat_ns_ = now_ns + heartbeat_ns;
  }
  publish_numbers();
}

std::uint64_t Pipeline::judged() const {
  return std::accumulate(judge_.judged().begin(), judge_.judged().end(), std::uint64_t{0});
}

void Pipeline::look_after_self(std::int64_t now_ns) {
  self_watch_.look(source_->sensor(), now_ns, [this](std::string_view what, const std::string& how) {
    log::warn("tampered with: {}: {}", what, how);
    tell(EventType::tamper, {.event = std::string(what), .reason = how, .count = 1});
  });
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
      if (container->facts != nullptr) {
        facts.container_name = container->facts->name;
        facts.pod_namespace = container->facts->pod_namespace;
        facts.pod_name = container->facts->pod_name;
      }
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
  const std::uint64_t refused =
      std::accumulate(std::begin(counters.lost), std::end(counters.lost), std::uint64_t{0},
                      [](std::uint64_t sum, const auto& of_event) { return sum + of_event[BONGSU_LOSS_FLOOD]; });
  if (std::exchange(refused_, refused) != refused) {
    look_for_floods();  // after the counters: what a flood is refused in between must not look like a loss
  }
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
  look_for_sink_losses(now_ns, tell_loss);
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
