// SPDX-License-Identifier: Apache-2.0
//
// Alerts of pods that the API server has not told of yet: they wait for it a moment, then go out with what is known.
// In the time of the events, as the throttle. Belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "events/event_view.h"
#include "rules/rule.h"
#include "rules/stored_event.h"

namespace bongsu {

class AlertHold {
 public:
  static constexpr std::int64_t kLongestNs = 300'000'000;
  static constexpr std::size_t kMost = 1'024;  // beyond it the first goes out at once

  struct Counters {
    std::size_t waiting = 0;      // now
    std::uint64_t completed = 0;  // the pod became known in time
    std::uint64_t expired = 0;    // it did not
    std::uint64_t crowded = 0;    // there were too many to wait
  };

  // An alert that goes out now. The event is good only during the call.
  using Tell = std::function<void(const EventView& event, const Rule& rule)>;
  explicit AlertHold(Tell tell) : tell_(std::move(tell)) {}

  // Borrows the rule until flush().
  void hold(const EventView& event, const Rule& rule);

  // A pod has become known. `pod` has its fields and no others.
  void complete(std::string_view pod_uid, const EventView& pod);

  // It is this late now, in nanoseconds since the Unix epoch.
  void advance(std::int64_t now_ns);

  // Nothing waits any longer: the end, or the rules go.
  void flush();

  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] Counters counters() const {
    Counters counters = counters_;
    counters.waiting = waiting_.size();
    return counters;
  }

 private:
  struct Waiting {
    StoredEvent event;
    const Rule* rule;
    std::string pod_uid;
    std::int64_t until_ns;
  };
  void tell_first();

  Tell tell_;
  std::deque<Waiting> waiting_;  // the longest waiting first
  Counters counters_;
};

}  // namespace bongsu
