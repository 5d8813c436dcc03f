// SPDX-License-Identifier: Apache-2.0
#include "sinks/destination.h"

#include <chrono>
#include <cstdint>
#include <utility>

namespace bongsu {

QueuedSink::Options queue_options(const DestinationConfig& destination, const RetryConfig& retry,
                                  const SpoolConfig& spool) {
  QueuedSink::Options options;
  options.name = destination.name;
  options.retry = {std::chrono::nanoseconds(retry.first_ns), std::chrono::nanoseconds(retry.max_ns)};
  if (!spool.directory.empty()) {
    options.spool =
        Spool::Options{.directory = spool.directory, .max_bytes = static_cast<std::uint64_t>(spool.max_bytes)};
  }
  return options;
}

SinkPlan destination_plan(const DestinationConfig& destination, const std::string& settings, const SpoolConfig& spool,
                          std::function<Result<std::unique_ptr<Sink>>(const SinkContext&)> make) {
  return {.name = destination.name,
          .settings = settings + spool.directory,
          .filter = {.min_severity = static_cast<Severity>(destination.min_severity), .tags = destination.tags},
          .heartbeat_ns = destination.heartbeat_ns,
          .waits_in = spool.directory,
          .make = std::move(make)};
}

}  // namespace bongsu
