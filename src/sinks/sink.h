// SPDX-License-Identifier: Apache-2.0
//
// Where alerts go. A sink never holds up the one who delivers to it: it takes an alert or refuses it, and counts which.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "alert/alert.h"
#include "base/latency_histogram.h"
#include "sinks/filter.h"

namespace bongsu {

using Deadline = std::chrono::steady_clock::time_point;

// Every alert given to deliver() ends in exactly one of filtered, refused_*, delivered, rejected, undelivered, or is
// still queued.
struct SinkStats {
  std::uint64_t filtered = 0;        // not for this sink: severity or tags
  std::uint64_t refused_full = 0;    // the queue was full
  std::uint64_t refused_closed = 0;  // came after drain()
  std::uint64_t delivered = 0;
  std::uint64_t rejected = 0;     // the destination will never take it: 4xx, a closed pipe
  std::uint64_t undelivered = 0;  // given up when the deadline of drain() passed
  std::uint64_t retries = 0;      // further attempts for alerts that were not taken at first
  std::uint64_t queued = 0;       // now, the one being sent included
  std::uint64_t queued_bytes = 0;
  LatencyHistogram delivery;  // of each delivered one: from deliver() to the destination's word
};

class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;

  // Any thread. False: refused, and counted. An alert that the sink is not meant to get is no refusal.
  virtual bool deliver(const std::shared_ptr<const Alert>& alert) = 0;

  // Takes nothing more, and waits until all that was taken is delivered or the deadline has passed: what is left then
  // is counted and its number logged. True when nothing was left. Later calls return at once.
  virtual bool drain(Deadline deadline) = 0;

  [[nodiscard]] virtual SinkStats stats() const = 0;

  // Any thread: which alerts it is meant to get from here on.
  virtual void set_filter(SinkFilter filter) = 0;
};

}  // namespace bongsu
