// SPDX-License-Identifier: Apache-2.0
//
// Alerts to the HTTP servers of the configuration, each with its own queue and thread.
#include "sinks/http_channel.h"
#include "sinks/queued.h"
#include "sinks/registry.h"

namespace bongsu {
namespace {

Result<std::unique_ptr<Sink>> make_one(const WebhookConfig& config, const SinkContext& context) {
  auto url = parse_url(config.url);
  if (!url) {
    return tl::make_unexpected(url.error());
  }
  HttpChannel::Options http;
  http.peer.url = *std::move(url);
  http.headers = config.headers;
  http.user_agent = "bongsu/" + context.version;
  http.peer.ca_file = config.tls_ca_file;
  http.peer.verify = config.tls_verify;
  http.peer.timeout = std::chrono::nanoseconds(config.timeout_ns);
  auto channel = HttpChannel::make(std::move(http), context.clock);
  if (!channel) {
    return tl::make_unexpected(channel.error());
  }
  QueuedSink::Options options;
  options.name = config.name;
  options.filter = {static_cast<Severity>(config.min_severity), config.tags};
  options.retry = {std::chrono::nanoseconds(config.retry_first_ns), std::chrono::nanoseconds(config.retry_max_ns)};
  return std::make_unique<QueuedSink>(std::move(options), *std::move(channel), context.clock, context.random);
}

Result<Sinks> make(const Config& config, const SinkContext& context) {
  Sinks sinks;
  for (const WebhookConfig& webhook : config.webhooks) {
    auto sink = make_one(webhook, context);
    if (!sink) {
      return fail("webhook " + webhook.name + ": " + sink.error().message, sink.error().hint);
    }
    sinks.push_back(*std::move(sink));
  }
  return sinks;
}

}  // namespace

SinkKind sink_kind_webhook() { return {"webhook", make}; }

}  // namespace bongsu
