// SPDX-License-Identifier: Apache-2.0
//
// The kinds of sinks. Each file NAME_sink.cpp here defines one:
//
//   SinkKind sink_kind_NAME() { return {"NAME", make_them}; }
//
// The build lists the files and the registry calls those functions. So adding a sink is adding a file (and rows for its
// configuration), and a linker that drops what nobody names cannot lose it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "alert/random.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "sinks/sink.h"

namespace bongsu {

// What sinks are made with; borrowed for as long as they live.
struct SinkContext {
  int stdout_fd = 1;
  bool stdout_is_terminal = false;
  std::string version;  // for User-Agent
  const Clock& clock;
  Random& random;
};

using Sinks = std::vector<std::unique_ptr<Sink>>;

struct SinkKind {
  std::string_view name;
  // Those of this kind that the configuration asks for, ready to deliver to.
  Result<Sinks> (*make)(const Config& config, const SinkContext& context);
};

[[nodiscard]] const std::vector<SinkKind>& sink_kinds();  // by name

// All that the configuration asks for. The program ignores SIGPIPE, so that writing to a closed pipe or connection is
// an error like any other; their threads inherit the caller's signal mask.
[[nodiscard]] Result<Sinks> make_sinks(const Config& config, const SinkContext& context);

// Drains them all at the same time, against one deadline. True when nothing was left in any.
bool drain_all(const Sinks& sinks, Deadline deadline);

}  // namespace bongsu
