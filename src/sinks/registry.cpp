// SPDX-License-Identifier: Apache-2.0
#include "sinks/registry.h"

#include <algorithm>
#include <future>
#include <iterator>

#include "sinks/backlog.h"  // IWYU pragma: keep (Sink::start takes one)

namespace bongsu {

// One line SINK(name) for each file *_sink.cpp, written by the build.
#define SINK(name) SinkKind sink_kind_##name();
#include "sinks/sink_kinds.def"
#undef SINK

const std::vector<SinkKind>& sink_kinds() {
  static const std::vector<SinkKind> kKinds = {
#define SINK(name) sink_kind_##name(),
#include "sinks/sink_kinds.def"
#undef SINK
  };
  return kKinds;
}

std::vector<SinkPlan> plan_sinks(const Config& config) {
  std::vector<SinkPlan> all;
  for (const SinkKind& kind : sink_kinds()) {
    std::ranges::move(kind.plan(config), std::back_inserter(all));
  }
  return all;
}

Result<std::unique_ptr<Sink>> make_sink(const SinkPlan& plan, const SinkContext& context) {
  auto sink = plan.make(context);
  if (sink) {
    (*sink)->set_filter(plan.filter);
  }
  return sink;
}

Result<Sinks> make_sinks(const Config& config, const SinkContext& context) {
  Sinks all;
  for (const SinkPlan& plan : plan_sinks(config)) {
    auto sink = make_sink(plan, context);
    if (!sink) {
      return tl::make_unexpected(sink.error());
    }
    (*sink)->start(nullptr);
    all.push_back(*std::move(sink));
  }
  return all;
}

bool drain_all(const Sinks& sinks, Deadline deadline) {
  constexpr auto kAsyncWherePossible = std::launch::async | std::launch::deferred;  // where no thread is to be had
  std::vector<std::future<bool>> drains;
  drains.reserve(sinks.size());
  for (const auto& sink : sinks) {
    drains.push_back(std::async(kAsyncWherePossible, [&sink, deadline] { return sink->drain(deadline); }));
  }
  bool all = true;
  for (auto& drain : drains) {
    all = drain.get() && all;
  }
  return all;
}

}  // namespace bongsu
