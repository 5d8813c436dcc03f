// SPDX-License-Identifier: Apache-2.0
//
// Alerts to the HTTP servers of the configuration, each with its own queue and thread.
#include "config/changes.h"
#include "config/url.h"
#include "sinks/http_channel.h"
#include "sinks/queued.h"
#include "sinks/registry.h"

namespace bongsu {
namespace {

Result<std::unique_ptr<Sink>> make_one(const WebhookConfig& config, const SinkContext& context) {
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
  return std::make_unique<QueuedSink>(std::move(options), *std::move(channel), context.clock, context.random);
}

Result<std::unique_ptr<Sink>> make(const WebhookConfig& config, const SinkContext& context) {
  auto sink = make_one(config, context);
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
                     .settings = destination_settings("webhooks", {.webhook = webhook, .file = {}, .syslog = {}, .unix_socket = {}}),
                     .filter = {.min_severity = static_cast<Severity>(webhook.min_severity), .tags = webhook.tags},
                     .make = [webhook](const SinkContext& context) { return make(webhook, context); }});
  }
  return plans;
}

}  // namespace

SinkKind sink_kind_webhook() { return {"webhook", plan}; }

}  // namespace bongsu
