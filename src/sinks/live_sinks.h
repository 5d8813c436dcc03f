// SPDX-License-Identifier: Apache-2.0
//
// The sinks of a running program, which follow its configuration. Owns them. A sink whose settings stay the same stays,
// with what it has queued; one that goes takes nothing more and delivers in the background what it has.
#pragma once

#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "sinks/registry.h"

namespace bongsu {

class LiveSinks {
 public:
  // Context as for make_sinks().
  [[nodiscard]] static Result<LiveSinks> open(const Config& config, const SinkContext& context);

  [[nodiscard]] const Sinks& all() const { return sinks_; }

  // Where a new sink cannot be made, all stays as it is.
  [[nodiscard]] Status follow(const Config& config);

  // All of them, those that go as well, at the same time. True when nothing was left in any.
  bool drain(Deadline deadline);

  // How long one that goes may take; what it has then is lost, counted and logged.
  static constexpr std::chrono::seconds kRetireWithin{30};
  // Going at the same time; of more, the longest gone ends at once.
  static constexpr std::size_t kMostRetired = 8;

 private:
  struct Retired {
    std::unique_ptr<Sink> sink;
    std::future<bool> drained;  // before the sink goes: declared after it
  };
  explicit LiveSinks(SinkContext context) : context_(std::move(context)) {}
  void retire(std::unique_ptr<Sink> sink);

  SinkContext context_;
  Sinks sinks_;
  std::vector<std::string> settings_;  // of each, in the same order
  std::vector<Retired> retired_;
};

}  // namespace bongsu
