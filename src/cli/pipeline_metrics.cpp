// SPDX-License-Identifier: Apache-2.0
#include "cli/pipeline_metrics.h"

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "base/version.h"

namespace bongsu {
namespace {

using Type = MetricFamily::Type;

MetricFamily family(std::string name, Type type, std::string help) {
  return {.name = std::move(name), .help = std::move(help), .type = type, .samples = {}};
}

void add_sensor(std::vector<MetricFamily>& out, const PipelineNumbers& numbers) {
  MetricFamily emitted = family("bongsu_records_total", Type::counter, "Records the kernel side wrote, by event.");
  MetricFamily unmatched = family("bongsu_unmatched_events_total", Type::counter,
                                  "Events that the kernel side left out, as no rule could have matched, by event.");
  MetricFamily lost =
      family("bongsu_lost_records_total", Type::counter, "Records lost before user space, by event and reason.");
  MetricFamily faults = family("bongsu_incomplete_records_total", Type::counter,
                               "Records that could not hold all of it, by event and what is missing.");
  MetricFamily rung =
      family("bongsu_hook_rung", Type::gauge, "The rung of the hook ladder that serves an event; 0: none.");
  const bongsu_counters& counters = numbers.kernel;
  for (const HookChoice& choice : numbers.plan) {
    const std::string event(info(choice.event).name);
    const auto index = static_cast<std::size_t>(choice.event);
    rung.add(static_cast<double>(choice.hook == nullptr ? 0 : choice.hook->rung), {{"event", event}});
    emitted.add(std::uint64_t{counters.emitted[index]}, {{"event", event}});
    unmatched.add(std::uint64_t{counters.unmatched[index]}, {{"event", event}});
    for (std::size_t i = 0; i < BONGSU_LOSS_COUNT; ++i) {
      lost.add(std::uint64_t{counters.lost[index][i]},
               {{"event", event}, {"reason", std::string(to_string(static_cast<bongsu_loss>(i)))}});
    }
    for (std::size_t i = 0; i < BONGSU_FAULT_COUNT; ++i) {
      faults.add(std::uint64_t{counters.faults[index][i]},
                 {{"event", event}, {"missing", std::string(to_string(static_cast<bongsu_fault>(i)))}});
    }
  }
  out.insert(out.end(),
             {std::move(emitted), std::move(unmatched), std::move(lost), std::move(faults), std::move(rung)});
  out.push_back(
      family("bongsu_malformed_records_total", Type::counter, "Records that did not decode.").add(numbers.malformed));
  MetricFamily size = family("bongsu_ring_bytes", Type::gauge, "Size of a ring between kernel and user space.");
  MetricFamily used = family("bongsu_ring_used_bytes", Type::gauge,
                             "Bytes of a ring that wait to be read: when it is full, records are lost.");
  for (const BufferFill& ring : numbers.rings) {
    size.add(ring.bytes, {{"ring", std::string(ring.buffer)}});
    used.add(ring.used_bytes, {{"ring", std::string(ring.buffer)}});
  }
  out.insert(out.end(), {std::move(size), std::move(used)});
}

void add_identity(std::vector<MetricFamily>& out, const IdentityCounters& counters) {
  out.push_back(family("bongsu_table_entries", Type::gauge, "Entries of the identity tables, each bounded.")
                    .add(std::uint64_t{counters.processes_known}, {{"table", "processes"}})
                    .add(std::uint64_t{counters.containers_known}, {{"table", "containers"}})
                    .add(std::uint64_t{counters.cgroups_known}, {{"table", "cgroups"}})
                    .add(std::uint64_t{counters.pods_known}, {{"table", "pods"}}));
  out.push_back(family("bongsu_containers_live", Type::gauge, "Containers that run now.")
                    .add(std::uint64_t{counters.containers_live}));
  out.push_back(family("bongsu_table_evictions_total", Type::counter,
                       "Entries forgotten early to keep a table within its bound, by table and what it cost.")
                    .add(counters.processes.evicted_early, {{"table", "processes"}, {"cost", "exited"}})
                    .add(counters.processes.lineage_cut, {{"table", "processes"}, {"cost", "ancestors"}})
                    .add(counters.processes.refused, {{"table", "processes"}, {"cost", "live"}})
                    .add(counters.containers.evicted_ended, {{"table", "containers"}, {"cost", "ended"}})
                    .add(counters.containers.evicted_live, {{"table", "containers"}, {"cost", "live"}})
                    .add(counters.cgroups.evicted, {{"table", "cgroups"}, {"cost", "resolved_again"}})
                    .add(counters.pods.evicted_gone, {{"table", "pods"}, {"cost", "ended"}})
                    .add(counters.pods.evicted_known, {{"table", "pods"}, {"cost", "live"}}));
  out.push_back(family("bongsu_unplaced_events_total", Type::counter,
                       "Events whose cgroup could not be resolved to host or container.")
                    .add(counters.unplaced));
  out.push_back(
      family("bongsu_cut_arguments_total", Type::counter, "Programs kept with fewer arguments than their exec showed.")
          .add(counters.args_cut));
}

void add_bundles(std::vector<MetricFamily>& out, const IdentityCounters& counters) {
  out.push_back(family("bongsu_bundles_read_total", Type::counter, "Looks for a container's bundle, by outcome.")
                    .add(counters.bundles.read, {{"outcome", "read"}})
                    .add(counters.bundles.not_found, {{"outcome", "not_found"}})
                    .add(counters.bundles.malformed, {{"outcome", "malformed"}})
                    .add(counters.bundles.refused, {{"outcome", "refused"}}));
  out.push_back(family("bongsu_unnamed_containers_total", Type::counter,
                       "Containers whose bundle was looked for to the end, in vain.")
                    .add(counters.bundles_given_up));
}

void add_pods(std::vector<MetricFamily>& out, const PodWatchNumbers& pods) {
  constexpr double kSecondNs = 1e9;
  out.push_back(family("bongsu_kubernetes_synced", Type::gauge,
                       "1 when every pod of this node is known from the API server, and news comes.")
                    .add(pods.synced ? 1.0 : 0.0));
  out.push_back(family("bongsu_kubernetes_requests_total", Type::counter, "Requests to the API server, by verb.")
                    .add(pods.lists, {{"verb", "list"}})
                    .add(pods.watches, {{"verb", "watch"}}));
  out.push_back(family("bongsu_kubernetes_relists_total", Type::counter,
                       "Lists because the API server no longer had what the watch would have gone on from.")
                    .add(pods.relists));
  MetricFamily news = family("bongsu_kubernetes_events_total", Type::counter, "News of pods, by type.");
  for (std::size_t i = 0; i < pods.events.size(); ++i) {
    news.add(pods.events[i], {{"type", std::string(to_string(static_cast<PodEvent::Type>(i)))}});
  }
  MetricFamily errors = family("bongsu_kubernetes_errors_total", Type::counter, "Requests that failed, by reason.");
  for (std::size_t i = 0; i < pods.errors.size(); ++i) {
    if (const auto error = static_cast<ApiError>(i); error != ApiError::none && error != ApiError::stopped) {
      errors.add(pods.errors[i], {{"reason", std::string(to_string(error))}});
    }
  }
  out.insert(out.end(), {std::move(news), std::move(errors)});
  out.push_back(family("bongsu_kubernetes_backoff_seconds", Type::gauge, "The wait under way before the next request.")
                    .add(static_cast<double>(pods.backoff_ns) / kSecondNs));
  out.push_back(family("bongsu_kubernetes_received_bytes_total", Type::counter, "Bytes of the API server's answers.")
                    .add(pods.bytes));
  out.push_back(family("bongsu_kubernetes_left_out_total", Type::counter,
                       "Pods, labels and annotations that were not kept, by reason.")
                    .add(pods.refused_pods, {{"reason", "too_many_pods"}})
                    .add(pods.objects.malformed, {{"reason", "malformed"}})
                    .add(pods.objects.dropped, {{"reason", "too_many_labels"}})
                    .add(pods.objects.cut, {{"reason", "cut"}}));
}

void add_hold(std::vector<MetricFamily>& out, const AlertHold::Counters& hold) {
  out.push_back(
      family("bongsu_alerts_waiting", Type::gauge, "Alerts that wait now for the API server to tell of their pod.")
          .add(std::uint64_t{hold.waiting}));
  out.push_back(family("bongsu_alerts_waited_total", Type::counter,
                       "Alerts that waited for the API server to tell of their pod, by how it ended.")
                    .add(hold.completed, {{"outcome", "completed"}})
                    .add(hold.expired, {{"outcome", "expired"}})
                    .add(hold.crowded, {{"outcome", "crowded"}}));
}

void add_rules(std::vector<MetricFamily>& out, const PipelineNumbers& numbers) {
  MetricFamily judged = family("bongsu_judged_events_total", Type::counter, "Events judged by the rules, by event.");
  for (const EventInfo& event : events()) {
    if (event.type != EventType::none) {
      judged.add(numbers.judged[static_cast<std::size_t>(event.type)], {{"event", std::string(event.name)}});
    }
  }
  MetricFamily matches =
      family("bongsu_rule_matches_total", Type::counter, "Events that made a rule fire, by rule, held back or not.");
  MetricFamily held = family("bongsu_rule_held_alerts_total", Type::counter,
                             "Alerts held back by the rule's throttle, to be told of by a roll-up.");
  const std::span<const Rule> rules = numbers.ruleset->rules();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    matches.add(numbers.matches[i].matches, {{"rule", rules[i].id}});
    held.add(numbers.matches[i].held, {{"rule", rules[i].id}});
  }
  out.push_back(std::move(judged));
  out.push_back(family("bongsu_event_latency_seconds", Type::histogram,
                       "From the kernel's time stamp to the verdict: of one event in 64, and of each that alerted.")
                    .add(numbers.sampled_events, {{"events", "sampled"}})
                    .add(numbers.alerting_events, {{"events", "alerting"}}));
  out.insert(out.end(), {std::move(matches), std::move(held)});
  out.push_back(family("bongsu_out_of_scope_events_total", Type::counter, "Events not judged because of sensor.scope.")
                    .add(numbers.out_of_scope));
  out.push_back(family("bongsu_excluded_events_total", Type::counter,
                       "Events not judged because of kubernetes.exclude_namespaces and exclude_labels.")
                    .add(numbers.excluded));
}

void add_rule_files(std::vector<MetricFamily>& out, const RulesKeeper::Numbers& numbers) {
  constexpr double kSecondNs = 1e9;
  out.push_back(family("bongsu_rules", Type::gauge, "Rules in force.").add(std::uint64_t{numbers.rules}));
  out.push_back(family("bongsu_rules_errors", Type::gauge, "Errors in the rule files when they were last read.")
                    .add(std::uint64_t{numbers.errors}));
  out.push_back(family("bongsu_rules_expired_exceptions", Type::gauge, "Exceptions that no longer apply.")
                    .add(std::uint64_t{numbers.expired_exceptions}));
  out.push_back(family("bongsu_rules_reloads_total", Type::counter, "Times the rules were read anew, by outcome.")
                    .add(numbers.taken, {{"outcome", "taken"}})
                    .add(numbers.refused, {{"outcome", "refused"}}));
  out.push_back(family("bongsu_rules_last_read_taken", Type::gauge,
                       "1 when the rules that were last read are in force, 0 when older ones are.")
                    .add(numbers.last_taken ? 1.0 : 0.0));
  out.push_back(family("bongsu_rules_last_read_timestamp_seconds", Type::gauge,
                       "When the rules were last read, taken or not, since the Unix epoch.")
                    .add(static_cast<double>(numbers.last_read_ns) / kSecondNs));
}

void add_memory(std::vector<MetricFamily>& out, const RuleState::Counters& state,
                const AlertThrottle::Counters& throttle) {
  out.push_back(family("bongsu_rule_state_keys", Type::gauge, "Keys that counts and sequences remember something of.")
                    .add(std::uint64_t{state.keys}));
  out.push_back(
      family("bongsu_rule_state_bytes", Type::gauge, "About what they hold.").add(std::uint64_t{state.bytes}));
  out.push_back(family("bongsu_rule_state_evictions_total", Type::counter,
                       "Keys and runs of counts and sequences forgotten before their window was over.")
                    .add(state.evictions));
  out.push_back(family("bongsu_throttle_windows", Type::gauge, "Windows of throttles open now.")
                    .add(std::uint64_t{throttle.windows}));
  out.push_back(family("bongsu_throttle_evictions_total", Type::counter,
                       "Windows of throttles that ended early, for want of room: their roll-ups came early.")
                    .add(throttle.evictions));
  out.push_back(family("bongsu_rollups_total", Type::counter, "Roll-ups told of alerts that were held back.")
                    .add(throttle.rollups));
}

}  // namespace

std::vector<MetricFamily> pipeline_metrics(const PipelineNumbers& numbers) {
  std::vector<MetricFamily> out;
  if (numbers.ruleset == nullptr) {
    return out;
  }
  out.push_back(family("bongsu_build_info", Type::gauge, "The version that runs; always 1.")
                    .add(1.0, {{"version", std::string(version())}}));
  add_sensor(out, numbers);
  add_identity(out, numbers.identity);
  add_bundles(out, numbers.identity);
  if (numbers.pods) {
    add_pods(out, *numbers.pods);
  }
  add_hold(out, numbers.hold);
  add_rules(out, numbers);
  add_rule_files(out, numbers.rules);
  add_memory(out, numbers.state, numbers.throttle);
  MetricFamily redacted = family("bongsu_redacted_values_total", Type::counter,
                                 "Secrets that were masked in alerts, by the pattern that found them.");
  for (const Redactor::Count& count : numbers.redacted) {
    redacted.add(count.count, {{"pattern", std::string(count.pattern)}});
  }
  out.push_back(std::move(redacted));
  add_sink_metrics(out, numbers.sinks, numbers.now_ns);
  return out;
}

}  // namespace bongsu
