// SPDX-License-Identifier: Apache-2.0
//
// How long events take from the kernel's time stamp to the verdict. Reading the clock costs a good part of what a
// verdict costs, so it is read for one event of many, and for each that alerted; the two are kept apart, as the second
// would tip the scales of the first.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/latency_histogram.h"

namespace bongsu {

class EventLatency {
 public:
  static constexpr std::uint32_t kSampleEvery = 64;

  explicit EventLatency(const Clock& clock) : clock_(clock) {}

  // An event is judged now: what alerts until it has been judged is due to it, or to its time (a roll-up).
  void arrived() { alerted_ = false; }
  void alerted() { alerted_ = true; }
  // The event has been judged; the kernel side stamped it then.
  void judged(std::uint64_t stamped_ns) {
    const bool sampled = ++judged_ % kSampleEvery == 0;
    if (!sampled && !alerted_) {
      return;
    }
    const std::int64_t took_ns = clock_.boot_ns() - static_cast<std::int64_t>(stamped_ns);
    if (sampled) {
      sampled_events_.add(took_ns);
    }
    if (alerted_) {
      alerting_events_.add(took_ns);
    }
  }

  [[nodiscard]] const LatencyHistogram& sampled_events() const { return sampled_events_; }
  [[nodiscard]] const LatencyHistogram& alerting_events() const { return alerting_events_; }

 private:
  const Clock& clock_;
  std::uint32_t judged_ = 0;
  bool alerted_ = false;
  LatencyHistogram sampled_events_;
  LatencyHistogram alerting_events_;
};

}  // namespace bongsu
