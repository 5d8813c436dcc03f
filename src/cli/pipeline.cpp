// SPDX-License-Identifier: Apache-2.0
#include "cli/pipeline.h"

#include <array>
#include <chrono>
#include <csignal>

#include "base/log.h"
#include "cli/pipeline_metrics.h"
#include "identity/agent_event.h"
#include "rules/message.h"

namespace bongsu {
namespace {

constexpr int kTickMs = 1'000;                            // how old metrics and loss reports may be
constexpr std::int64_t kLossIntervalNs = 10'000'000'000;  // an ongoing loss is told again after this
constexpr std::chrono::seconds kGrace{4};                 // for delivery after the signal; exit is promised within 5 s

// Losses are no user's rule: this one cannot be switched off.
Rule make_loss_rule() {
  Rule rule;
  rule.id = "agent-drop";
  rule.name = "Bongsu lost events";
  rule.description =
      "Some of what happened was not judged or not delivered. ring_full: events came faster than they could be judged; "
      "give the monitor more CPU or raise sensor.ring_bytes. queue_full: a sink's destination is slow or gone. "
      "rejected: it refuses the alerts; its log says why.";
  rule.severity = Severity::high;
  rule.events = {EventType::drop};
  rule.tags = {"agent"};
  constexpr std::array kEvents = {EventType::drop};
  rule.message = *parse_message("{bongsu.count} lost: {bongsu.event} ({bongsu.reason})", kEvents);
  return rule;
}

}  // namespace

Pipeline::Pipeline(Parts parts)
    : parts_(std::move(parts)),
      losses_(kLossIntervalNs),
      loss_rule_(make_loss_rule()),
      on_match_([this](const Rule& rule) {
        ++matches_[static_cast<std::size_t>(&rule - parts_.rules->rules().data())];
        deliver(*judged_, rule);
      }),
      events_(kEventCount),
      matches_(parts_.rules->rules().size()) {}

Status Pipeline::run(const SensorOptions& options, const Signals& signals) {
  auto source = EventSource::open(options, parts_.clock, [this](const EventView& event) { on_event(event); });
  if (!source) {
    return tl::make_unexpected(source.error());
  }
  source_ = std::move(*source);
  if (Status learnt = source_->snapshot(); !learnt) {
    return learnt;
  }
  log::info("watching: {} rules, {} processes known, {} transport", parts_.rules->rules().size(),
            source_->identity().counters().processes_known, to_string(source_->sensor().transport()));
  for (const HookChoice& choice : source_->sensor().plan()) {
    if (choice.hook == nullptr) {
      log::warn("no rule about {} can match: {}", info(choice.event).name, choice.refused);
    }
  }
  publish_metrics();
  ready_ = true;

  Status polled;
  std::int64_t next_tick_ns = 0;
  for (int signal = 0; polled && signal != SIGTERM && signal != SIGINT; signal = signals.take()) {
    polled = source_->poll(kTickMs, signals.fd());
    if (const std::int64_t now_ns = parts_.clock.boot_ns(); now_ns >= next_tick_ns) {
      constexpr std::int64_t kMillisecondNs = 1'000'000;
      next_tick_ns = now_ns + kTickMs * kMillisecondNs;
      look_for_losses(false);
      publish_metrics();
    }
  }
  ready_ = false;
  const Deadline deadline = std::chrono::steady_clock::now() + kGrace;
  source_->finish();
  look_for_losses(true);
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
                                                        .rules = *parts_.rules,
                                                        .sinks = parts_.sinks,
                                                        .judged = events_,
                                                        .matches = matches_,
                                                        .out_of_scope = out_of_scope_});
  const std::scoped_lock lock(published_mutex_);
  published_.swap(metrics);
}

bool Pipeline::in_scope(const EventView& event) const {
  if (parts_.scope == SensorConfig::Scope::all) {
    return true;
  }
  const bool contained = event.value(FieldId::container_id).has_value();
  return contained == (parts_.scope == SensorConfig::Scope::containers);
}

void Pipeline::on_event(const EventView& event) {
  if (!in_scope(event)) {
    ++out_of_scope_;
    return;
  }
  judge(event);
}

void Pipeline::judge(const EventView& event) {
  ++events_[static_cast<std::size_t>(event.type())];
  judged_ = &event;
  parts_.rules->judge(event, on_match_);
}

void Pipeline::deliver(const EventView& event, const Rule& rule) {
  const std::shared_ptr<const Alert> alert = parts_.builder.build(event, rule);
  for (const std::unique_ptr<Sink>& sink : parts_.sinks) {
    if (sink.get() == culprit_) {
      continue;
    }
    sink->deliver(alert);  // a refusal is counted there, and told by look_for_losses()
  }
}

void Pipeline::look_for_losses(bool last) {
  const std::int64_t now_ns = parts_.clock.boot_ns();
  const auto tell = [this](std::string_view what, std::string_view reason, std::uint64_t count) {
    tell_loss(what, reason, count);
  };
  const bongsu_counters counters = source_->sensor().counters();
  for (const EventInfo& event : events()) {
    for (std::size_t reason = 0; reason < BONGSU_LOSS_COUNT; ++reason) {
      losses_.look(event.name, to_string(static_cast<bongsu_loss>(reason)),
                   counters.lost[static_cast<std::size_t>(event.type)][reason], now_ns, tell);
    }
  }
  losses_.look("record", "malformed", source_->malformed(), now_ns, tell);
  for (const std::unique_ptr<Sink>& sink : parts_.sinks) {
    const SinkStats stats = sink->stats();
    const std::string what = "alerts to " + std::string(sink->name());
    culprit_ = sink.get();  // telling a sink of its own losses would make the next one
    losses_.look(what, "queue_full", stats.refused_full, now_ns, tell);
    losses_.look(what, "rejected", stats.rejected, now_ns, tell);
    culprit_ = nullptr;
  }
  if (last) {
    losses_.flush(tell);
  }
}

void Pipeline::tell_loss(std::string_view what, std::string_view reason, std::uint64_t count) {
  log::warn("lost {} {}: {}", count, what, reason);
  const AgentEvent event(EventType::drop, {.host_name = source_->identity().host().name,
                                           .wall_ns = parts_.clock.wall_ns(),
                                           .event = std::string(what),
                                           .reason = std::string(reason),
                                           .count = static_cast<std::int64_t>(count)});
  deliver(event, loss_rule_);
  judge(event);  // users may have rules of their own about it
}

}  // namespace bongsu
