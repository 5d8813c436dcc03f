// SPDX-License-Identifier: Apache-2.0
//
// Alerts to the unix sockets of the configuration, each with its own queue and thread.
#include "config/changes.h"
#include "config/lists.h"
#include "sinks/destination.h"
#include "sinks/registry.h"
#include "sinks/socket_channel.h"

namespace bongsu {
namespace {

Result<std::unique_ptr<Sink>> make(const SocketConfig& config, const SpoolConfig& spool, const SinkContext& context) {
  auto channel = SocketChannel::make(config.path, std::chrono::nanoseconds(config.timeout_ns));
  if (!channel) {
    return fail("unix socket " + config.name + ": " + channel.error().message, channel.error().hint);
  }
  QueuedSink::Options options = queue_options(config, config.retry, spool);
  options.batch.max_alerts = kWhatWaits;
  return std::make_unique<QueuedSink>(std::move(options), *std::move(channel), context.clock, context.random);
}

std::vector<SinkPlan> plan(const Config& config) {
  std::vector<SinkPlan> plans;
  plans.reserve(config.unix_sockets.size());
  for (const SocketConfig& socket : config.unix_sockets) {
    const SpoolConfig spool = spool_of(config, socket, socket.spool);
    plans.push_back(destination_plan(
        socket, destination_settings("unix_sockets", {.webhook = {}, .file = {}, .syslog = {}, .unix_socket = socket}),
        spool, [socket, spool](const SinkContext& context) { return make(socket, spool, context); }));
  }
  return plans;
}

}  // namespace

SinkKind sink_kind_unix() { return {"unix", plan}; }

}  // namespace bongsu
