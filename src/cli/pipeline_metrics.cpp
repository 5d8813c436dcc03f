// SPDX-License-Identifier: Apache-2.0
#include "cli/pipeline_metrics.h"

#include "base/version.h"

namespace bongsu {
namespace {

using Type = MetricFamily::Type;

MetricFamily family(std::string name, Type type, std::string help) {
  return {.name = std::move(name), .help = std::move(help), .type = type, .samples = {}};
}

void add_sensor(std::vector<MetricFamily>& out, const EventSource& source) {
  MetricFamily emitted = family("bongsu_records_total", Type::counter, "Records the kernel side wrote, by event.");
  MetricFamily lost =
      family("bongsu_lost_records_total", Type::counter, "Records lost before user space, by event and reason.");
  MetricFamily faults = family("bongsu_incomplete_records_total", Type::counter,
                               "Records that could not hold all of it, by event and what is missing.");
  MetricFamily rung =
      family("bongsu_hook_rung", Type::gauge, "The rung of the hook ladder that serves an event; 0: none.");
  const bongsu_counters counters = source.sensor().counters();
  for (const HookChoice& choice : source.sensor().plan()) {
    const std::string event(info(choice.event).name);
    const auto index = static_cast<std::size_t>(choice.event);
    rung.add(static_cast<double>(choice.hook == nullptr ? 0 : choice.hook->rung), {{"event", event}});
    emitted.add(std::uint64_t{counters.emitted[index]}, {{"event", event}});
    for (std::size_t i = 0; i < BONGSU_LOSS_COUNT; ++i) {
      lost.add(std::uint64_t{counters.lost[index][i]},
               {{"event", event}, {"reason", std::string(to_string(static_cast<bongsu_loss>(i)))}});
    }
    for (std::size_t i = 0; i < BONGSU_FAULT_COUNT; ++i) {
      faults.add(std::uint64_t{counters.faults[index][i]},
                 {{"event", event}, {"missing", std::string(to_string(static_cast<bongsu_fault>(i)))}});
    }
  }
  out.insert(out.end(), {std::move(emitted), std::move(lost), std::move(faults), std::move(rung)});
  out.push_back(
      family("bongsu_malformed_records_total", Type::counter, "Records that did not decode.").add(source.malformed()));
}

void add_identity(std::vector<MetricFamily>& out, const IdentityCounters& counters) {
  out.push_back(family("bongsu_table_entries", Type::gauge, "Entries of the identity tables, each bounded.")
                    .add(std::uint64_t{counters.processes_known}, {{"table", "processes"}})
                    .add(std::uint64_t{counters.containers_known}, {{"table", "containers"}})
                    .add(std::uint64_t{counters.cgroups_known}, {{"table", "cgroups"}}));
  out.push_back(family("bongsu_containers_live", Type::gauge, "Containers that run now.")
                    .add(std::uint64_t{counters.containers_live}));
  out.push_back(family("bongsu_table_evictions_total", Type::counter,
                       "Entries forgotten early to keep a table within its bound, by table and what it cost.")
                    .add(counters.processes.evicted_early, {{"table", "processes"}, {"cost", "exited"}})
                    .add(counters.processes.lineage_cut, {{"table", "processes"}, {"cost", "ancestors"}})
                    .add(counters.processes.refused, {{"table", "processes"}, {"cost", "live"}})
                    .add(counters.containers.evicted_ended, {{"table", "containers"}, {"cost", "ended"}})
                    .add(counters.containers.evicted_live, {{"table", "containers"}, {"cost", "live"}})
                    .add(counters.cgroups.evicted, {{"table", "cgroups"}, {"cost", "resolved_again"}}));
  out.push_back(family("bongsu_unplaced_events_total", Type::counter,
                       "Events whose cgroup could not be resolved to host or container.")
                    .add(counters.unplaced));
  out.push_back(
      family("bongsu_cut_arguments_total", Type::counter, "Programs kept with fewer arguments than their exec showed.")
          .add(counters.args_cut));
}

void add_rules(std::vector<MetricFamily>& out, const PipelineNumbers& numbers) {
  MetricFamily judged = family("bongsu_judged_events_total", Type::counter, "Events judged by the rules, by event.");
  for (const EventInfo& event : events()) {
    if (event.type != EventType::none) {
      judged.add(numbers.judged[static_cast<std::size_t>(event.type)], {{"event", std::string(event.name)}});
    }
  }
  MetricFamily matches = family("bongsu_rule_matches_total", Type::counter, "Events that matched a rule, by rule.");
  for (std::size_t i = 0; i < numbers.matches.size(); ++i) {
    matches.add(numbers.matches[i], {{"rule", numbers.rules.rules()[i].id}});
  }
  out.push_back(std::move(judged));
  out.push_back(std::move(matches));
  out.push_back(family("bongsu_out_of_scope_events_total", Type::counter, "Events not judged because of sensor.scope.")
                    .add(numbers.out_of_scope));
}

void add_sinks(std::vector<MetricFamily>& out, const Sinks& sinks) {
  MetricFamily alerts =
      family("bongsu_sink_alerts_total", Type::counter, "Alerts given to a sink, by what became of them.");
  MetricFamily retries =
      family("bongsu_sink_retries_total", Type::counter, "Further attempts for alerts not taken at first.");
  MetricFamily queued = family("bongsu_sink_queued_alerts", Type::gauge, "Alerts that wait in a sink's queue now.");
  MetricFamily bytes =
      family("bongsu_sink_queued_bytes", Type::gauge, "Bytes of the alerts that wait in a sink's queue now.");
  for (const std::unique_ptr<Sink>& sink : sinks) {
    const std::string name(sink->name());
    const SinkStats stats = sink->stats();
    alerts.add(stats.delivered, {{"sink", name}, {"outcome", "delivered"}});
    alerts.add(stats.filtered, {{"sink", name}, {"outcome", "filtered"}});
    alerts.add(stats.refused_full, {{"sink", name}, {"outcome", "refused_full"}});
    alerts.add(stats.refused_closed, {{"sink", name}, {"outcome", "refused_closed"}});
    alerts.add(stats.rejected, {{"sink", name}, {"outcome", "rejected"}});
    alerts.add(stats.undelivered, {{"sink", name}, {"outcome", "undelivered"}});
    retries.add(stats.retries, {{"sink", name}});
    queued.add(stats.queued, {{"sink", name}});
    bytes.add(stats.queued_bytes, {{"sink", name}});
  }
  out.insert(out.end(), {std::move(alerts), std::move(retries), std::move(queued), std::move(bytes)});
}

}  // namespace

std::vector<MetricFamily> pipeline_metrics(const PipelineNumbers& numbers) {
  std::vector<MetricFamily> out;
  out.push_back(family("bongsu_build_info", Type::gauge, "The version that runs; always 1.")
                    .add(1.0, {{"version", std::string(version())}}));
  add_sensor(out, numbers.source);
  add_identity(out, numbers.source.identity().counters());
  add_rules(out, numbers);
  add_sinks(out, numbers.sinks);
  return out;
}

}  // namespace bongsu
