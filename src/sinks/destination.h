// SPDX-License-Identifier: Apache-2.0
//
// What all kinds of destinations make alike of their configuration.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "config/config.h"
#include "sinks/queued.h"
#include "sinks/registry.h"

namespace bongsu {

// Name, retries and spool (spool_of()); batches are the kind's.
[[nodiscard]] QueuedSink::Options queue_options(const DestinationConfig& destination, const RetryConfig& retry,
                                                const SpoolConfig& spool);

// For destinations that take any number of alerts at once: what waits goes out together.
inline constexpr std::size_t kWhatWaits = 100;

// `settings`: destination_settings() of it.
[[nodiscard]] SinkPlan destination_plan(const DestinationConfig& destination, const std::string& settings,
                                        const SpoolConfig& spool,
                                        std::function<Result<std::unique_ptr<Sink>>(const SinkContext&)> make);

}  // namespace bongsu
