// SPDX-License-Identifier: Apache-2.0
//
// Alerts to the unix sockets of the configuration, each with its own queue and thread.
#include "config/changes.h"
#include "sinks/queued.h"
#include "sinks/registry.h"
#include "sinks/socket_channel.h"

namespace bongsu {
namespace {

Result<std::unique_ptr<Sink>> make(const SocketConfig& config, const SinkContext& context) {
  auto channel = SocketChannel::make(config.path, std::chrono::nanoseconds(config.timeout_ns));
  if (!channel) {
    return fail("unix socket " + config.name + ": " + channel.error().message, channel.error().hint);
  }
  QueuedSink::Options options;
  options.name = config.name;
  options.retry = {std::chrono::nanoseconds(config.retry.first_ns), std::chrono::nanoseconds(config.retry.max_ns)};
  return std::make_unique<QueuedSink>(std::move(options), *std::move(channel), context.clock, context.random);
}

std::vector<SinkPlan> plan(const Config& config) {
  std::vector<SinkPlan> plans;
  plans.reserve(config.unix_sockets.size());
  for (const SocketConfig& socket : config.unix_sockets) {
    plans.push_back({.name = socket.name,
                     .settings = destination_settings("unix_sockets",
                                                      {.webhook = {}, .file = {}, .syslog = {}, .unix_socket = socket}),
                     .filter = {.min_severity = static_cast<Severity>(socket.min_severity), .tags = socket.tags},
                     .make = [socket](const SinkContext& context) { return make(socket, context); }});
  }
  return plans;
}

}  // namespace

SinkKind sink_kind_unix() { return {"unix", plan}; }

}  // namespace bongsu
