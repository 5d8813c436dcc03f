// SPDX-License-Identifier: Apache-2.0
//
// Holds back what a rule says too often, and tells of it once: the first `max` alerts of a window go out, the others
// are counted; when the window is over one roll-up tells how many there were, with the first of them. Nothing is
// dropped.
//
// Windows are counted in the time of the events, so that the same events give the same alerts when they are judged
// again. Whoever sees events tells their time by advance(), and the clock's where no events come. Belongs to one
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "alert/rollup.h"
#include "events/event_view.h"
#include "rules/lru_map.h"
#include "rules/rule.h"
#include "rules/stored_event.h"

namespace bongsu {

class AlertThrottle {
 public:
  // A roll-up, due now: the first event held back, its rule, and how many there were.
  using Tell = std::function<void(const EventView& event, const Rule& rule, const Rollup& rollup)>;

  // Beyond a limit the window that was not asked for the longest ends early: its roll-up is told at once.
  struct Limits {
    std::size_t windows = 16'384;
    std::size_t bytes = std::size_t{32} << 20;
  };
  struct Counters {
    std::size_t windows = 0;  // now
    std::size_t bytes = 0;
    std::uint64_t held = 0;       // alerts held back
    std::uint64_t rollups = 0;    // and told of
    std::uint64_t evictions = 0;  // windows that ended early
  };

  explicit AlertThrottle(Tell tell);
  AlertThrottle(Tell tell, Limits limits) : tell_(std::move(tell)), limits_(limits) {}

  // Whether the alert goes out; else it is held back. Agent events, and those of rules without throttle, always do.
  // Borrows the rule until use() or flush().
  [[nodiscard]] bool admit(const EventView& event, const Rule& rule);

  // It is this late now: ends the windows that are over.
  void advance(std::int64_t now_ns) {
    if (now_ns < latest_ns_ - kStepNs) {
      flush();  // the clock was set back: no window would end for as long
    } else if (now_ns < latest_ns_) {
      return;
    }
    latest_ns_ = now_ns;
    if (!due_.empty() && due_.begin()->first <= now_ns) {
      end_due();
    }
  }

  // Goes on with other rules; those before may go then. The windows of rules that are gone, or whose throttle is
  // another now, end.
  void use(std::span<const Rule> rules);

  // Ends all windows.
  void flush();

  [[nodiscard]] Counters counters() const;

 private:
  struct Window;
  using Windows = LruMap<Window>;
  using Due = std::multimap<std::int64_t, LruMap<Window>::Handle>;
  struct Window {
    const Rule* rule = nullptr;
    std::int64_t begun_ns = 0;
    std::uint32_t sent = 0;
    Rollup held;
    std::optional<StoredEvent> first;  // held back
    Due::iterator due;
  };

  // Events of different rings may come out of order, but not by as much.
  static constexpr std::int64_t kStepNs = 10'000'000'000;

  Windows::Handle begin(const Rule& rule, std::int64_t now_ns);
  void end(Windows::Handle window);
  void end_due();
  void end_oldest();
  [[nodiscard]] static std::size_t cost(Windows::Handle window);

  Tell tell_;
  Limits limits_;
  Windows windows_;
  Due due_;  // by the time at which they are over
  std::size_t bytes_ = 0;
  std::int64_t latest_ns_ = 0;
  std::uint64_t held_ = 0;
  std::uint64_t rollups_ = 0;
  std::uint64_t evictions_ = 0;
  std::string key_;  // of the event at hand
  std::string by_;
};

}  // namespace bongsu
