// SPDX-License-Identifier: Apache-2.0
//
// The sinks of a running program, which follow its configuration. Owns them. A sink whose settings stay the same stays,
// with what waits in it; one whose settings change hands that over to the new one, in order; one that goes takes
// nothing more and delivers in the background what it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "sinks/registry.h"

namespace bongsu {

class LiveSinks {
 public:
  // Context as for make_sinks(). Fails when not one of them can be made.
  [[nodiscard]] static Result<LiveSinks> open(const Config& config, const SinkContext& context);

  [[nodiscard]] const std::vector<Sink*>& all() const { return sinks_; }
  // Why some could not be made at the start; the others watch without them.
  [[nodiscard]] const std::vector<std::string>& left_out() const { return left_out_; }

  // Where a new sink cannot be made, all stays as it is. What is safe on disk before deliver() returns comes first in
  // all().
  [[nodiscard]] Status follow(const Config& config);

  // Those whose heartbeat is due at `now_ns` (Clock::boot_ns()) get the alert, which is made when the first of them is
  // found.
  void beat(std::int64_t now_ns, const std::function<std::shared_ptr<const Alert>()>& make);

  // All of them, those that go as well, at the same time. True when nothing was left in any.
  bool drain(Deadline deadline);

  // How long one that goes may take; what it has then is lost, counted and logged.
  static constexpr std::chrono::seconds kRetireWithin{30};
  // Going at the same time; of more, the longest gone ends at once.
  static constexpr std::size_t kMostRetired = 8;

 private:
  struct Live {
    SinkPlan plan;
    std::unique_ptr<Sink> sink;
    std::int64_t next_beat_ns = 0;
  };
  struct Retired {
    std::unique_ptr<Sink> sink;
    std::future<bool> drained;  // before the sink goes: declared after it
  };
  explicit LiveSinks(SinkContext context) : context_(std::move(context)) {}
  [[nodiscard]] Live* find(std::string_view name);
  // `left_out` null: the first that cannot be made is an error. Without a sink: the one there is stays.
  [[nodiscard]] Result<std::vector<Live>> make_next(const Config& config, std::vector<std::string>* left_out);
  void take(std::vector<Live> next);
  [[nodiscard]] std::unique_ptr<Backlog> predecessor_of(const SinkPlan& plan);
  void retire(std::unique_ptr<Sink> sink);

  SinkContext context_;
  std::vector<Live> live_;
  std::vector<Sink*> sinks_;  // of these
  std::vector<std::string> left_out_;
  std::vector<Retired> retired_;
};

}  // namespace bongsu
