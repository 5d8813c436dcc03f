// SPDX-License-Identifier: Apache-2.0
#include "sinks/registry.h"

#include <algorithm>
#include <future>
#include <iterator>

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

Result<Sinks> make_sinks(const Config& config, const SinkContext& context) {
  Sinks all;
  for (const SinkKind& kind : sink_kinds()) {
    auto made = kind.make(config, context);
    if (!made) {
      return made;
    }
    std::ranges::move(*made, std::back_inserter(all));
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
