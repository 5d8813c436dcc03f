// SPDX-License-Identifier: Apache-2.0
#include "alert/throttle.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "rules/state_key.h"

namespace bongsu {

AlertThrottle::AlertThrottle(Tell tell) : AlertThrottle(std::move(tell), Limits()) {}

bool AlertThrottle::admit(const EventView& event, const Rule& rule) {
  if (!rule.throttle.enabled || is_agent(event.type())) {
    return true;
  }
  const std::int64_t now_ns = event_time_ns(event);
  write_key(by_, event, rule.throttle.by);
  key_.assign(rule.id).append(1, '\0').append(by_);
  auto window = windows_.find(key_);
  // An event from well before the window says that the clock was set back.
  if (window != windows_.end() && (now_ns >= window->value.due->first ||
                                   (now_ns < window->value.begun_ns &&
                                    apart_ns(now_ns, window->value.begun_ns) > static_cast<std::uint64_t>(kStepNs)))) {
    end(window);
    window = windows_.end();
  }
  if (window == windows_.end()) {
    window = begin(rule, now_ns);
  }
  Window& state = window->value;
  if (state.sent < rule.throttle.max) {
    ++state.sent;
    return true;
  }
  ++held_;
  if (state.held.count++ == 0) {
    state.held.first_ns = state.held.last_ns = now_ns;
    bytes_ -= cost(window);
    state.first.emplace(event);
    bytes_ += cost(window);
    while (bytes_ > limits_.bytes && windows_.size() > 1) {
      end_oldest();
    }
    return false;
  }
  state.held.first_ns = std::min(state.held.first_ns, now_ns);
  state.held.last_ns = std::max(state.held.last_ns, now_ns);
  return false;
}

AlertThrottle::Windows::Handle AlertThrottle::begin(const Rule& rule, std::int64_t now_ns) {
  while (!windows_.empty() && (windows_.size() >= limits_.windows || bytes_ > limits_.bytes)) {
    end_oldest();
  }
  auto window = windows_.add(key_, {.rule = &rule, .begun_ns = now_ns, .sent = 0, .held = {}, .first = {}, .due = {}});
  window->value.due = due_.emplace(now_ns + rule.throttle.per_ns, window);
  bytes_ += cost(window);
  return window;
}

void AlertThrottle::end(Windows::Handle window) {
  Window& state = window->value;
  if (state.held.count > 0) {
    ++rollups_;
    tell_(*state.first, *state.rule, state.held);
  }
  bytes_ -= cost(window);
  due_.erase(state.due);
  windows_.erase(window);
}

void AlertThrottle::end_due() {
  while (!due_.empty() && due_.begin()->first <= latest_ns_) {
    end(due_.begin()->second);
  }
}

void AlertThrottle::end_oldest() {
  if (windows_.oldest()->value.held.count > 0) {
    ++evictions_;
  }
  end(windows_.oldest());
}

void AlertThrottle::use(std::span<const Rule> rules) {
  std::map<std::string_view, const Rule*> by_id;
  for (const Rule& rule : rules) {
    by_id.emplace(rule.id, &rule);
  }
  for (auto due = due_.begin(); due != due_.end();) {
    const Windows::Handle window = (due++)->second;
    const auto found = by_id.find(window->value.rule->id);
    if (found != by_id.end() && found->second->throttle == window->value.rule->throttle) {
      window->value.rule = found->second;
    } else {
      end(window);
    }
  }
}

void AlertThrottle::flush() {
  while (!due_.empty()) {
    end(due_.begin()->second);
  }
}

AlertThrottle::Counters AlertThrottle::counters() const {
  return {.windows = windows_.size(), .bytes = bytes_, .held = held_, .rollups = rollups_, .evictions = evictions_};
}

std::size_t AlertThrottle::cost(Windows::Handle window) {
  constexpr std::size_t kNodes = 240;  // of the list and of both maps
  return sizeof(Window) + kNodes + window->key.size() + (window->value.first ? window->value.first->bytes() : 0);
}

}  // namespace bongsu
