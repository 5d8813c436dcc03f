// SPDX-License-Identifier: Apache-2.0
#include "sinks/stdout_sink.h"

#include "sinks/queued.h"
#include "sinks/registry.h"
#include "sinks/stream_channel.h"

namespace bongsu {
namespace {

bool is_text(const StdoutConfig& config, bool is_terminal) {
  return config.format == StdoutConfig::Format::text ||
         (config.format == StdoutConfig::Format::automatic && is_terminal);
}

Result<std::unique_ptr<Sink>> make(const StdoutConfig& config, const SinkContext& context) {
  const bool text = is_text(config, context.stdout_is_terminal);
  auto channel = StreamChannel::make(context.stdout_fd, text ? StreamChannel::Form::text : StreamChannel::Form::json);
  if (!channel) {
    return tl::make_unexpected(channel.error());
  }
  QueuedSink::Options options;
  options.name = "stdout";
  options.retry = {std::chrono::milliseconds(100), std::chrono::seconds(5)};  // a full disk
  options.batch.max_alerts = 64;                                              // what is there goes out in one write
  return std::make_unique<QueuedSink>(std::move(options), *std::move(channel), context.clock, context.random);
}

// The form of its lines is read at the start only: the alerts' builder depends on it.
std::vector<SinkPlan> plan(const Config& config) {
  const auto make_it = [stdout_alerts = config.stdout_alerts](const SinkContext& context) {
    return make(stdout_alerts, context);
  };
  return {{.name = "stdout",
           .settings = {},
           .filter = {.min_severity = static_cast<Severity>(config.stdout_alerts.min_severity), .tags = {}},
           .heartbeat_ns = 0,
           .waits_in = {},
           .make = make_it}};
}

}  // namespace

TextStyle stdout_text_style(const StdoutConfig& config, bool is_terminal, bool colour) {
  if (!is_text(config, is_terminal)) {
    return TextStyle::none;
  }
  return is_terminal && colour ? TextStyle::colour : TextStyle::plain;
}

SinkKind sink_kind_stdout() { return {"stdout", plan}; }

}  // namespace bongsu
