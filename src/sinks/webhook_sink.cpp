// SPDX-License-Identifier: Apache-2.0
//
// Alerts to the HTTP servers of the configuration, each with its own queue and thread.
#include "config/changes.h"
#include "config/lists.h"
#include "config/url.h"
#include "sinks/http_channel.h"
#include "sinks/queued.h"
#include "sinks/registry.h"
#include "sinks/spool_options.h"

namespace bongsu {
namespace {

Result<std::unique_ptr<Sink>> make_one(const WebhookConfig& config, const SpoolConfig& spool,
                                      const SinkContext& context) {
  const auto url = parse_url(config.url);
  if (!url) {
    return tl::make_unexpected(url.error());
  }
  HttpChannel::Options http;
  http.target = url->target;
  http.peer.https = url->https;
  http.peer.host = url->host;
  http.peer.port = url->port;
  http.headers = config.headers;
  if (!config.bearer_token.empty()) {
    http.headers.emplace_back("Authorization", "Bearer " + config.bearer_token);
  }
  http.user_agent = "bongsu/" + context.version;
  http.peer.ca_file = config.tls.ca_file;
  http.peer.verify = config.tls.verify;
  http.peer.timeout = std::chrono::nanoseconds(config.timeout_ns);
  auto channel = HttpChannel::make(std::move(http), context.clock);
  if (!channel) {
    return tl::make_unexpected(channel.error());
  }
  QueuedSink::Options options;
  options.name = config.name;
  options.retry = {std::chrono::nanoseconds(config.retry.first_ns), std::chrono::nanoseconds(config.retry.max_ns)};
  options.batch = {.max_alerts = static_cast<std::size_t>(config.batch_max_alerts),
                   .max_bytes = static_cast<std::size_t>(config.batch_max_bytes),
                   .max_wait = std::chrono::nanoseconds(config.batch_max_wait_ns)};
  options.spool = spool_options(spool);
  return std::make_unique<QueuedSink>(std::move(options), *std::move(channel), context.clock, context.random);
}

Result<std::unique_ptr<Sink>> make(const WebhookConfig& config, const SpoolConfig& spool, const SinkContext& context) {
  auto sink = make_one(config, spool, context);
  if (!sink) {
    return fail("webhook " + config.name + ": " + sink.error().message, sink.error().hint);
  }
  return sink;
}

std::vector<SinkPlan> plan(const Config& config) {
  std::vector<SinkPlan> plans;
  plans.reserve(config.webhooks.size());
  for (const WebhookConfig& webhook : config.webhooks) {
    plans.push_back({.name = webhook.name,
                     .settings = destination_settings("webhooks", {.webhook = webhook, .file = {}, .syslog = {}, .unix_socket = {}}) +
                                 config.spool_directory,
                     .filter = {.min_severity = static_cast<Severity>(webhook.min_severity), .tags = webhook.tags},
                     .heartbeat_ns = webhook.heartbeat_ns,
                     .waits_in = spool_of(config, webhook, webhook.spool).directory,
                     .make = [webhook, spool = spool_of(config, webhook, webhook.spool)](const SinkContext& context) {
                       return make(webhook, spool, context);
                     }});
  }
  return plans;
}

}  // namespace

SinkKind sink_kind_webhook() { return {"webhook", plan}; }

}  // namespace bongsu
