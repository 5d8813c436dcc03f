// SPDX-License-Identifier: Apache-2.0
#include "sinks/live_sinks.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace bongsu {

Result<LiveSinks> LiveSinks::open(const Config& config, const SinkContext& context) {
  LiveSinks live(context);
  if (Status made = live.follow(config); !made) {
    return tl::make_unexpected(made.error());
  }
  return live;
}

Status LiveSinks::follow(const Config& config) {
  const std::vector<SinkPlan> plans = plan_sinks(config);
  const auto unchanged = [this](const SinkPlan& plan) {
    const auto found =
        std::ranges::find_if(sinks_, [&](const auto& sink) { return sink && sink->name() == plan.name; });
    const auto index = static_cast<std::size_t>(found - sinks_.begin());
    return found != sinks_.end() && settings_[index] == plan.settings ? found : sinks_.end();
  };
  // All that is new first, so that nothing has changed when one of them fails.
  Sinks next(plans.size());
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (unchanged(plans[i]) == sinks_.end()) {
      auto made = make_sink(plans[i], context_);
      if (!made) {
        return tl::make_unexpected(made.error());
      }
      next[i] = *std::move(made);
    }
  }
  std::vector<std::string> settings;
  settings.reserve(plans.size());
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (!next[i]) {
      next[i] = std::move(*unchanged(plans[i]));
      next[i]->set_filter(plans[i].filter);
    }
    settings.push_back(plans[i].settings);
  }
  sinks_.swap(next);
  settings_.swap(settings);
  for (std::unique_ptr<Sink>& gone : next) {
    if (gone) {
      retire(std::move(gone));
    }
  }
  return {};
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
