// SPDX-License-Identifier: Apache-2.0
//
// Alerts to the HTTP servers of the configuration, each with its own queue and thread.
#include <algorithm>
#include <cstddef>

#include "config/changes.h"
#include "config/lists.h"
#include "config/payload_formats.h"
#include "config/url.h"
#include "http/proxy.h"
#include "http/webhook_signature.h"
#include "payload/registry.h"
#include "sinks/http_channel.h"
#include "sinks/queued.h"
#include "sinks/registry.h"
#include "sinks/spool_options.h"

namespace bongsu {
namespace {

Result<HttpChannel::Options> http_options(const WebhookConfig& config, const SinkContext& context) {
  auto url = parse_url(config.url);
  if (!url) {
    return tl::make_unexpected(url.error());
  }
  auto format = make_payload_format(kPayloadFormats[config.format], {.version = context.version,
                                                                     .name = config.name,
                                                                     .batched = config.batch_max_alerts > 1,
                                                                     .template_json = config.template_json,
                                                                     .index = config.elastic_index});
  if (!format) {
    return tl::make_unexpected(format.error());
  }
  HttpChannel::Options http;
  http.name = "webhook " + config.name;
  http.target = std::move(url->target);
  http.format = *std::move(format);
  http.gzip = config.gzip;
  http.headers = config.headers;
  if (!config.bearer_token.empty()) {
    http.headers.emplace_back("Authorization", "Bearer " + config.bearer_token);
  }
  http.user_agent = "bongsu/" + context.version;
  if (!config.hmac_key.empty()) {
    auto key = parse_webhook_key(config.hmac_key);
    if (!key) {
      return fail(config.hmac_key_file + ": " + key.error().message, key.error().hint);
    }
    http.hmac_key = *std::move(key);
  }
  http.peer.https = url->https;
  http.peer.host = std::move(url->host);
  http.peer.port = url->port;
  http.peer.ca_file = config.tls.ca_file;
  http.peer.cert_file = config.tls.cert_file;
  http.peer.key_file = config.tls.key_file;
  http.peer.verify = config.tls.verify;
  http.peer.timeout = std::chrono::nanoseconds(config.timeout_ns);
  if (config.proxy && context.environment != nullptr) {
    auto proxy = proxy_for(http.peer.https, http.peer.host, http.peer.port, *context.environment);
    if (!proxy) {
      return tl::make_unexpected(proxy.error());
    }
    http.peer.proxy = *std::move(proxy);
  }
  return http;
}

QueuedSink::Options queue_options(const WebhookConfig& config, const SpoolConfig& spool, std::size_t most_alerts) {
  QueuedSink::Options options;
  options.name = config.name;
  options.retry = {std::chrono::nanoseconds(config.retry.first_ns), std::chrono::nanoseconds(config.retry.max_ns)};
  options.batch = {.max_alerts = std::min(static_cast<std::size_t>(config.batch_max_alerts), most_alerts),
                   .max_bytes = static_cast<std::size_t>(config.batch_max_bytes),
                   .max_wait = std::chrono::nanoseconds(config.batch_max_wait_ns)};
  options.spool = spool_options(spool);
  return options;
}

Result<std::unique_ptr<Sink>> make_one(const WebhookConfig& config, const SpoolConfig& spool,
                                       const SinkContext& context) {
  auto http = http_options(config, context);
  if (!http) {
    return tl::make_unexpected(http.error());
  }
  QueuedSink::Options options = queue_options(config, spool, http->format->most_alerts());
  auto channel = HttpChannel::make(*std::move(http), context.clock);
  if (!channel) {
    return tl::make_unexpected(channel.error());
  }
  return std::make_unique<QueuedSink>(std::move(options), *std::move(channel), context.clock, context.random);
}

Result<std::unique_ptr<Sink>> make(const WebhookConfig& config, const SpoolConfig& spool, const SinkContext& context) {
  auto sink = make_one(config, spool, context);
  if (!sink) {
    return fail("webhook " + config.name + ": " + sink.error().message, sink.error().hint);
  }
  return sink;
}

std::string settings_of(const WebhookConfig& webhook) {
  return destination_settings("webhooks", {.webhook = webhook, .file = {}, .syslog = {}, .unix_socket = {}});
}

std::vector<SinkPlan> plan(const Config& config) {
  std::vector<SinkPlan> plans;
  plans.reserve(config.webhooks.size());
  for (const WebhookConfig& webhook : config.webhooks) {
    plans.push_back({.name = webhook.name,
                     .settings = settings_of(webhook) + config.spool_directory,
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
