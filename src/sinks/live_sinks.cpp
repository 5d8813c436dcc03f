// SPDX-License-Identifier: Apache-2.0
#include "sinks/live_sinks.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "sinks/backlog.h"

namespace bongsu {

Result<LiveSinks> LiveSinks::open(const Config& config, const SinkContext& context) {
  LiveSinks live(context);
  auto next = live.make_next(config, &live.left_out_);
  if (!next) {
    return tl::make_unexpected(next.error());
  }
  if (next->empty()) {
    return fail(live.left_out_.front());
  }
  live.take(*std::move(next));
  return live;
}

Status LiveSinks::follow(const Config& config) {
  auto next = make_next(config, nullptr);
  if (!next) {
    return tl::make_unexpected(next.error());
  }
  take(*std::move(next));
  return {};
}

LiveSinks::Live* LiveSinks::find(std::string_view name) {
  const auto found = std::ranges::find(live_, name, [](const Live& live) { return live.plan.name; });
  return found == live_.end() ? nullptr : &*found;
}

// All that is new is made first, so that nothing has changed when one of them fails.
Result<std::vector<LiveSinks::Live>> LiveSinks::make_next(const Config& config, std::vector<std::string>* left_out) {
  std::vector<SinkPlan> plans = plan_sinks(config);
  // An alert that is seen anywhere is then safe everywhere.
  std::stable_partition(plans.begin(), plans.end(), [](const SinkPlan& plan) { return !plan.waits_in.empty(); });
  std::vector<Live> next;
  for (SinkPlan& plan : plans) {
    const Live* const now = find(plan.name);
    Live live{.plan = std::move(plan), .sink = nullptr, .next_beat_ns = now == nullptr ? 0 : now->next_beat_ns};
    if (now == nullptr || now->plan.settings != live.plan.settings) {
      auto made = make_sink(live.plan, context_);
      if (!made && left_out == nullptr) {
        return tl::make_unexpected(made.error());
      }
      if (!made) {
        left_out->push_back(made.error().to_string());
        continue;
      }
      live.sink = *std::move(made);
    }
    next.push_back(std::move(live));
  }
  return next;
}

// Who uses the same spool was there before; of those that wait in memory, who has the same name.
std::unique_ptr<Backlog> LiveSinks::predecessor_of(const SinkPlan& plan) {
  const auto found = std::ranges::find_if(live_, [&plan](const Live& live) {
    return live.sink != nullptr && live.plan.waits_in == plan.waits_in &&
           (!plan.waits_in.empty() || live.plan.name == plan.name);
  });
  return found == live_.end() ? nullptr : std::exchange(found->sink, nullptr)->hand_over();
}

void LiveSinks::take(std::vector<Live> next) {
  std::vector<Live*> made;
  for (Live& live : next) {
    if (live.sink != nullptr) {
      made.push_back(&live);
    } else {
      live.sink = std::move(find(live.plan.name)->sink);
      live.sink->set_filter(live.plan.filter);
    }
  }
  for (Live* live : made) {
    live->sink->start(predecessor_of(live->plan));
  }
  live_.swap(next);
  for (Live& gone : next) {
    if (gone.sink != nullptr) {
      retire(std::move(gone.sink));
    }
  }
  sinks_.clear();
  for (const Live& live : live_) {
    sinks_.push_back(live.sink.get());
  }
}

void LiveSinks::beat(std::int64_t now_ns, const std::function<std::shared_ptr<const Alert>()>& make) {
  std::shared_ptr<const Alert> alert;
  for (Live& live : live_) {
    if (live.plan.heartbeat_ns == 0 || now_ns < live.next_beat_ns) {
      continue;
    }
    if (alert == nullptr) {
      alert = make();
    }
    live.sink->beat(alert);
    live.next_beat_ns = now_ns + live.plan.heartbeat_ns;
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
  constexpr auto kAsyncWherePossible = std::launch::async | std::launch::deferred;  // where no thread is to be had
  std::vector<std::future<bool>> drains;
  const auto begin = [&](Sink& sink) {
    drains.push_back(std::async(kAsyncWherePossible, [&sink, deadline] { return sink.drain(deadline); }));
  };
  for (const Live& live : live_) {
    begin(*live.sink);
  }
  for (const Retired& retired : retired_) {
    begin(*retired.sink);
  }
  bool all = true;
  for (std::future<bool>& drain : drains) {
    all = drain.get() && all;
  }
  for (Retired& retired : retired_) {
    retired.drained.wait();
  }
  return all;
}

}  // namespace bongsu
