// SPDX-License-Identifier: Apache-2.0
//
// Alerts to the syslog servers of the configuration, each with its own queue and thread.
#include "base/log.h"
#include "config/changes.h"
#include "config/lists.h"
#include "sinks/destination.h"
#include "sinks/registry.h"
#include "sinks/syslog_channel.h"

namespace bongsu {
namespace {

Result<std::unique_ptr<Sink>> make_one(const SyslogConfig& config, const SpoolConfig& spool,
                                       const SinkContext& context) {
  auto address = parse_syslog_address(config.address);
  if (!address) {
    return tl::make_unexpected(address.error());
  }
  SyslogChannel::Options syslog;
  syslog.name = config.name;
  syslog.address = *std::move(address);
  syslog.facility = config.facility;
  syslog.tls = {.ca_file = config.tls.ca_file,
                .cert_file = config.tls.cert_file,
                .key_file = config.tls.key_file,
                .verify = config.tls.verify};
  syslog.timeout = std::chrono::nanoseconds(config.timeout_ns);
  const bool unverified = syslog.address.transport == SyslogAddress::Transport::tls && !config.tls.verify;
  auto channel = SyslogChannel::make(std::move(syslog), context.clock);
  if (!channel) {
    return tl::make_unexpected(channel.error());
  }
  if (unverified) {
    log::warn("syslog {}: tls.verify is off: anybody on the way can read and change what is sent", config.name);
  }
  QueuedSink::Options options = queue_options(config, config.retry, spool);
  options.batch.max_alerts = kWhatWaits;
  return std::make_unique<QueuedSink>(std::move(options), *std::move(channel), context.clock, context.random);
}

Result<std::unique_ptr<Sink>> make(const SyslogConfig& config, const SpoolConfig& spool, const SinkContext& context) {
  auto sink = make_one(config, spool, context);
  if (!sink) {
    return fail("syslog " + config.name + ": " + sink.error().message, sink.error().hint);
  }
  return sink;
}

std::vector<SinkPlan> plan(const Config& config) {
  std::vector<SinkPlan> plans;
  plans.reserve(config.syslog.size());
  for (const SyslogConfig& syslog : config.syslog) {
    const SpoolConfig spool = spool_of(config, syslog, syslog.spool);
    plans.push_back(destination_plan(
        syslog, destination_settings("syslog", {.webhook = {}, .file = {}, .syslog = syslog, .unix_socket = {}}), spool,
        [syslog, spool](const SinkContext& context) { return make(syslog, spool, context); }));
  }
  return plans;
}

}  // namespace

SinkKind sink_kind_syslog() { return {"syslog", plan}; }

}  // namespace bongsu
