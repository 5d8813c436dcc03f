// SPDX-License-Identifier: Apache-2.0
//
// Where alerts go. A sink never holds up the one who delivers to it: it takes an alert or refuses it, and counts which.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "alert/alert.h"
#include "base/latency_histogram.h"
#include "sinks/filter.h"

namespace bongsu {

class Backlog;

using Deadline = std::chrono::steady_clock::time_point;

// Every alert given to deliver(), or found in the spool, ends in exactly one of filtered, refused_*, evicted,
// delivered, rejected, undelivered, damaged, or is still queued.
struct SinkStats {
  std::uint64_t filtered = 0;        // not for this sink: severity or tags
  std::uint64_t refused_full = 0;    // no room, and nothing that waits is less severe
  std::uint64_t refused_closed = 0;  // came after drain()
  std::uint64_t evicted = 0;         // made room for a later one that is as severe, or more
  std::uint64_t delivered = 0;
  std::uint64_t rejected = 0;     // the destination will never take it: 4xx, a closed pipe
  std::uint64_t undelivered = 0;  // given up when the deadline of drain() passed
  std::uint64_t damaged = 0;      // could not be read from the spool any more

  std::uint64_t dead_lettered = 0;  // of the rejected: kept in a file
  std::uint64_t unlettered = 0;     // of the rejected: could not be kept there
  std::uint64_t unspooled = 0;      // waited in memory alone though there is a spool
  std::uint64_t found = 0;          // waited in the spool when the sink began
  std::uint64_t attempts = 0;
  std::uint64_t retries = 0;  // of these: for what was not taken at first
  std::uint64_t queued = 0;   // now, what is being sent included
  std::uint64_t queued_bytes = 0;
  std::uint64_t spool_bytes = 0;  // of its files
  std::int64_t oldest_ns = 0;     // Clock::boot_ns() when the longest waiting came; 0: nothing waits
  std::int64_t failing_ns = 0;    // the same, of the first of the failures that have not ended; 0: it works
  std::string failure;            // the last of these
  bool has_spool = false;
  std::string no_spool;       // why alerts wait in memory alone though a spool is asked for; empty: they do not
  std::string no_thread;      // why nobody delivers them; empty: there is a thread
  LatencyHistogram delivery;  // of each delivered one: from deliver() to the destination's word
};

class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;

  // Begins to deliver: first what it inherits (not null: from hand_over() of a sink that it replaces), or finds in its
  // spool. A spool that cannot be used, or a thread that cannot be had, is logged and told in stats(), and done
  // without. Once, before all others.
  virtual void start(std::unique_ptr<Backlog> inherited) = 0;
  // Ends at once, without a drain, and gives what waits to a successor. Null: there is nothing to give.
  [[nodiscard]] virtual std::unique_ptr<Backlog> hand_over() = 0;

  // Any thread. False: refused, and counted. An alert that the sink is not meant to get is no refusal. With a spool:
  // once it has returned, the alert outlives this program.
  virtual bool deliver(const std::shared_ptr<const Alert>& alert) = 0;

  // The same for a heartbeat, which nobody filters, and which is left out (false) while alerts wait.
  virtual bool beat(const std::shared_ptr<const Alert>& alert) = 0;

  // Takes nothing more, and waits until all that was taken is delivered or the deadline has passed: what is left then
  // stays in the spool, or is counted and its number logged. True when nothing is lost. Later calls return at once.
  virtual bool drain(Deadline deadline) = 0;

  [[nodiscard]] virtual SinkStats stats() const = 0;

  // Tries again what could not be had, from the thread that calls deliver(): its spool, its own thread. To be called
  // now and then.
  virtual void recover() = 0;

  // Any thread: which alerts it is meant to get from here on.
  virtual void set_filter(SinkFilter filter) = 0;
};

}  // namespace bongsu
