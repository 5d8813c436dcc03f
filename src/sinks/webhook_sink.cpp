// SPDX-License-Identifier: Apache-2.0
//
// Alerts to the HTTP servers of the configuration, each with its own queue and thread.
#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>

#include "base/log.h"
#include "config/changes.h"
#include "config/lists.h"
#include "config/payload_formats.h"
#include "config/url.h"
#include "http/proxy.h"
#include "http/webhook_signature.h"
#include "payload/registry.h"
#include "sinks/dead_letter.h"
#include "sinks/destination.h"
#include "sinks/http_channel.h"
#include "sinks/queued.h"
#include "sinks/registry.h"

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

// Opened with the first letter: the folder of the spool is there by then.
std::function<bool(const Alert&, const std::string&)> dead_letters(const WebhookConfig& config,
                                                                   const SpoolConfig& spool, const Clock& clock) {
  std::string path = config.dead_letter_file;
  if (path.empty() && !spool.directory.empty()) {
    path = spool.directory + "/dead-letter.jsonl";
  }
  if (path.empty()) {
    return {};
  }
  return [path, max_bytes = static_cast<std::uint64_t>(config.dead_letter_max_bytes), name = config.name, &clock,
          file = std::shared_ptr<DeadLetter>(),
          again_ns = std::int64_t{0}](const Alert& alert, const std::string& reason) mutable {
    if (file == nullptr && clock.boot_ns() >= again_ns) {
      auto opened = DeadLetter::open(path, max_bytes, clock);
      if (!opened) {
        constexpr std::int64_t kAgainNs = 10'000'000'000;
        again_ns = clock.boot_ns() + kAgainNs;
        log::error("webhook {}: what it refuses is not kept: {}", name, opened.error().to_string());
      } else {
        file = *std::move(opened);
      }
    }
    return file != nullptr && file->add(name, reason, alert);
  };
}

Result<std::unique_ptr<Sink>> make_one(const WebhookConfig& config, const SpoolConfig& spool,
                                       const SinkContext& context) {
  auto http = http_options(config, context);
  if (!http) {
    return tl::make_unexpected(http.error());
  }
  QueuedSink::Options options = queue_options(config, config.retry, spool);
  options.batch = {
      .max_alerts = std::min(static_cast<std::size_t>(config.batch_max_alerts), http->format->most_alerts()),
      .max_bytes = static_cast<std::size_t>(config.batch_max_bytes),
      .max_wait = std::chrono::nanoseconds(config.batch_max_wait_ns)};
  options.keep_rejected = dead_letters(config, spool, context.clock);
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
    const SpoolConfig spool = spool_of(config, webhook, webhook.spool);
    plans.push_back(
        destination_plan(webhook, settings_of(webhook), spool,
                         [webhook, spool](const SinkContext& context) { return make(webhook, spool, context); }));
  }
  return plans;
}

}  // namespace

SinkKind sink_kind_webhook() { return {"webhook", plan}; }

}  // namespace bongsu
