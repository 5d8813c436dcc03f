// SPDX-License-Identifier: Apache-2.0
//
// The kinds of sinks. Each file NAME_sink.cpp here defines one:
//
//   SinkKind sink_kind_NAME() { return {"NAME", plan_them}; }
//
// The build lists the files and the registry calls those functions. So adding a sink is adding a file (and rows for its
// configuration), and a linker that drops what nobody names cannot lose it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "config/config.h"
#include "sinks/filter.h"
#include "sinks/sink.h"

namespace bongsu {

// What sinks are made with; borrowed for as long as they live.
struct SinkContext {
  int stdout_fd = 1;
  bool stdout_is_terminal = false;
  std::string version;  // for User-Agent
  const Clock& clock;
  Random& random;
  const std::map<std::string, std::string, std::less<>>* environment = nullptr;  // for the proxy variables; none
};

using Sinks = std::vector<std::unique_ptr<Sink>>;

// A sink that the configuration asks for.
struct SinkPlan {
  std::string name;  // unique
  std::string
      settings;  // all that it is made of besides filter and heartbeat: where these stay the same, the sink does
  SinkFilter filter;
  std::int64_t heartbeat_ns = 0;  // how often it is to beat; 0: never
  std::string waits_in;           // the directory of its spool; empty: in memory
  std::function<Result<std::unique_ptr<Sink>>(const SinkContext&)> make;  // not started
};

struct SinkKind {
  std::string_view name;
  std::vector<SinkPlan> (*plan)(const Config& config);
};

[[nodiscard]] const std::vector<SinkKind>& sink_kinds();  // by name

[[nodiscard]] std::vector<SinkPlan> plan_sinks(const Config& config);
[[nodiscard]] Result<std::unique_ptr<Sink>> make_sink(const SinkPlan& plan, const SinkContext& context);  // not started

// All that the configuration asks for, started. The program ignores SIGPIPE, so that writing to a closed pipe or
// connection is an error like any other; their threads inherit the caller's signal mask.
[[nodiscard]] Result<Sinks> make_sinks(const Config& config, const SinkContext& context);

// Drains them all at the same time, against one deadline. True when nothing was left in any.
bool drain_all(const Sinks& sinks, Deadline deadline);

}  // namespace bongsu
