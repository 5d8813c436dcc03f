// SPDX-License-Identifier: Apache-2.0
#include "sinks/live_sinks.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "sinks/backlog.h"

namespace bongsu {

Result<LiveSinks> LiveSinks::open(const Config& config, const SinkContext& context) {
  LiveSinks live(context);
  if (Status made = live.follow(config); !made) {
    return tl::make_unexpected(made.error());
  }
  return live;
}

Status LiveSinks::follow(const Config& config) {
  std::vector<SinkPlan> plans = plan_sinks(config);
  // An alert that is seen anywhere is then safe everywhere.
  std::ranges::stable_partition(plans, [](const SinkPlan& plan) { return !plan.waits_in.empty(); });
  const auto place_of = [this](const SinkPlan& plan) {
    const auto found = std::ranges::find_if(sinks_, [&](const auto& sink) { return sink->name() == plan.name; });
    return static_cast<std::size_t>(found - sinks_.begin());
  };
  const auto stays = [&](const SinkPlan& plan) {
    const std::size_t place = place_of(plan);
    return place < sinks_.size() && kept_[place].settings == plan.settings;
  };
  // All that is new first, so that nothing has changed when one of them fails.
  Sinks next(plans.size());
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (!stays(plans[i])) {
      auto made = make_sink(plans[i], context_);
      if (!made) {
        return tl::make_unexpected(made.error());
      }
      next[i] = *std::move(made);
    }
  }
  std::vector<std::size_t> places;
  places.reserve(plans.size());
  std::ranges::transform(plans, std::back_inserter(places), place_of);
  std::vector<Kept> kept;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const bool known = places[i] < sinks_.size();
    if (!next[i]) {
      next[i] = std::move(sinks_[places[i]]);
      next[i]->set_filter(plans[i].filter);
    } else {
      const bool same_place = known && kept_[places[i]].waits_in == plans[i].waits_in;
      next[i]->start(same_place ? std::exchange(sinks_[places[i]], nullptr)->hand_over() : nullptr);
    }
    kept.push_back({.settings = plans[i].settings,
                    .waits_in = plans[i].waits_in,
                    .heartbeat_ns = plans[i].heartbeat_ns,
                    .next_beat_ns = known ? kept_[places[i]].next_beat_ns : 0});
  }
  sinks_.swap(next);
  kept_.swap(kept);
  for (std::unique_ptr<Sink>& gone : next) {
    if (gone) {
      retire(std::move(gone));
    }
  }
  return {};
}

void LiveSinks::beat(std::int64_t now_ns, const std::function<std::shared_ptr<const Alert>()>& make) {
  std::shared_ptr<const Alert> alert;
  for (std::size_t i = 0; i < sinks_.size(); ++i) {
    Kept& kept = kept_[i];
    if (kept.heartbeat_ns == 0 || now_ns < kept.next_beat_ns) {
      continue;
    }
    if (alert == nullptr) {
      alert = make();
    }
    sinks_[i]->beat(alert);
    kept.next_beat_ns = now_ns + kept.heartbeat_ns;
  }
}

void LiveSinks::retire(std::unique_ptr<Sink> sink) {
  std::erase_if(retired_, [](const Retired& retired) {
    return retired.drained.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  });
  if (retired_.size() >= kMostRetired) {
    retired_.front().sink->drain({});
    retired_.front().drained.wait();  // it is in the sink until then
    retired_.erase(retired_.begin());
  }
  Sink& gone = *sink;
  const Deadline deadline = std::chrono::steady_clock::now() + kRetireWithin;
  constexpr auto kAsyncWherePossible = std::launch::async | std::launch::deferred;  // where no thread is to be had
  retired_.push_back({.sink = std::move(sink),
                      .drained = std::async(kAsyncWherePossible, [&gone, deadline] { return gone.drain(deadline); })});
}

bool LiveSinks::drain(Deadline deadline) {
  for (Retired& retired : retired_) {
    retired.sink->drain(deadline);
  }
  const bool done = drain_all(sinks_, deadline);
  return std::ranges::all_of(retired_, [](Retired& retired) { return retired.drained.get(); }) && done;
}

}  // namespace bongsu
