// SPDX-License-Identifier: Apache-2.0
#include "cli/sink_metrics.h"

#include <algorithm>
#include <string>
#include <utility>

namespace bongsu {
namespace {

using Type = MetricFamily::Type;

MetricFamily family(std::string name, Type type, std::string help) {
  return {.name = std::move(name), .help = std::move(help), .type = type, .samples = {}};
}

struct Families {
  MetricFamily alerts = family("bongsu_sink_alerts_total", Type::counter,
                               "Alerts given to a sink or found in its spool, by what became of them.");
  MetricFamily dead = family("bongsu_sink_dead_letters_total", Type::counter,
                             "Alerts that the destination refused, and that were kept in the dead-letter file.");
  MetricFamily attempts = family("bongsu_sink_attempts_total", Type::counter, "Attempts to deliver a batch.");
  MetricFamily retries = family("bongsu_sink_retries_total", Type::counter,
                                "Of these attempts: further ones for what was not taken at first.");
  MetricFamily queued = family("bongsu_sink_queued_alerts", Type::gauge, "Alerts that wait for a sink now.");
  MetricFamily bytes = family("bongsu_sink_queued_bytes", Type::gauge, "Bytes of the alerts that wait for a sink now.");
  MetricFamily oldest = family("bongsu_sink_oldest_alert_seconds", Type::gauge,
                               "For how long the longest waiting alert of a sink has waited.");
  MetricFamily failing =
      family("bongsu_sink_failing_seconds", Type::gauge, "For how long a destination has taken nothing; 0: it works.");
  MetricFamily spool = family("bongsu_sink_spool_bytes", Type::gauge, "Bytes of a spool's files.");
  MetricFamily unspooled = family("bongsu_sink_unspooled_alerts_total", Type::counter,
                                  "Alerts that the spool's disk did not take: they waited in memory alone.");
  MetricFamily delivery = family("bongsu_alert_delivery_seconds", Type::histogram,
                                 "From the alert to the destination's word that it has it, retries included.");

  void add(const std::string& name, const SinkStats& stats, std::int64_t now_ns) {
    const auto outcome = [&](std::uint64_t count, const char* what) {
      alerts.add(count, {{"sink", name}, {"outcome", what}});
    };
    outcome(stats.delivered, "delivered");
    outcome(stats.filtered, "filtered");
    outcome(stats.refused_full, "refused_full");
    outcome(stats.refused_closed, "refused_closed");
    outcome(stats.evicted, "evicted");
    outcome(stats.rejected, "rejected");
    outcome(stats.undelivered, "undelivered");
    outcome(stats.damaged, "damaged");
    dead.add(stats.dead_lettered, {{"sink", name}});
    attempts.add(stats.attempts, {{"sink", name}});
    retries.add(stats.retries, {{"sink", name}});
    queued.add(stats.queued, {{"sink", name}});
    bytes.add(stats.queued_bytes, {{"sink", name}});
    const auto seconds_since = [now_ns](std::int64_t since_ns) {
      constexpr double kSecondNs = 1e9;
      return since_ns == 0 ? 0.0 : static_cast<double>(std::max<std::int64_t>(now_ns - since_ns, 0)) / kSecondNs;
    };
    oldest.add(seconds_since(stats.oldest_ns), {{"sink", name}});
    failing.add(seconds_since(stats.failing_ns), {{"sink", name}});
    if (stats.has_spool) {
      spool.add(stats.spool_bytes, {{"sink", name}});
      unspooled.add(stats.unspooled, {{"sink", name}});
    }
    delivery.add(stats.delivery, {{"sink", name}});
  }
};

}  // namespace

void add_sink_metrics(std::vector<MetricFamily>& out, const std::vector<SinkNumbers>& sinks, std::int64_t now_ns) {
  Families all;
  for (const auto& [name, stats] : sinks) {
    all.add(name, stats, now_ns);
  }
  out.insert(out.end(), {std::move(all.alerts), std::move(all.dead), std::move(all.attempts), std::move(all.retries),
                         std::move(all.queued), std::move(all.bytes), std::move(all.oldest), std::move(all.failing),
                         std::move(all.spool), std::move(all.unspooled), std::move(all.delivery)});
}

}  // namespace bongsu
