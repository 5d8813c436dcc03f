// SPDX-License-Identifier: Apache-2.0
#include "alert/hold.h"

#include <utility>

#include "rules/state_key.h"

namespace bongsu {
namespace {

// The event with what is known of its pod by now.
class CompletedEvent final : public EventView {
 public:
  CompletedEvent(const EventView& event, const EventView& pod) : event_(event), pod_(pod) {}
  [[nodiscard]] EventType type() const override { return event_.type(); }
  [[nodiscard]] Value value(FieldId id) const override {
    // The pod is what was missing; an image is what the container's bundle tells.
    if (id == FieldId::container_metadata && event_.value(FieldId::container_kind).has_value()) {
      return Value::of(std::string_view("complete"));
    }
    const Value known = pod_.value(id);
    return known.has_value() ? known : event_.value(id);
  }

 private:
  const EventView& event_;
  const EventView& pod_;
};

}  // namespace

void AlertHold::hold(const EventView& event, const Rule& rule) {
  if (waiting_.size() >= kMost) {
    ++counters_.crowded;
    tell_first();
  }
  waiting_.push_back({.event = StoredEvent(event),
                      .rule = &rule,
                      .pod_uid = std::string(event.value(FieldId::k8s_pod_uid).string()),
                      .until_ns = event_time_ns(event) + kLongestNs});
}

void AlertHold::complete(std::string_view pod_uid, const EventView& pod) {
  for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
    if (waiting->pod_uid != pod_uid) {
      ++waiting;
      continue;
    }
    ++counters_.completed;
    tell_(CompletedEvent(waiting->event, pod), *waiting->rule);
    waiting = waiting_.erase(waiting);
  }
}

void AlertHold::advance(std::int64_t now_ns) {
  // Further ahead than any may wait: the clock was set back.
  constexpr std::int64_t kStepNs = kLongestNs + 1'000'000'000;
  while (!waiting_.empty() && (waiting_.front().until_ns <= now_ns || waiting_.front().until_ns - now_ns > kStepNs)) {
    ++counters_.expired;
    tell_first();
  }
}

void AlertHold::flush() {
  while (!waiting_.empty()) {
    ++counters_.expired;
    tell_first();
  }
}

void AlertHold::tell_first() {
  const Waiting first = std::move(waiting_.front());
  waiting_.pop_front();
  tell_(first.event, *first.rule);
}

}  // namespace bongsu
