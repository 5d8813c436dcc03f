// SPDX-License-Identifier: Apache-2.0
//
// What the numbers of a running monitor say about one event that was made for it: was it seen and judged, and has each
// destination got the alert? Knows nothing of how the numbers were had.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "control/metrics_text.h"

namespace bongsu {

// The rule that an exec with this argument meets (rules/monitor.json).
inline constexpr std::string_view kVerifyRule = "monitor-verify";

struct MonitorNumbers {
  struct Destination {
    std::uint64_t delivered = 0;
    std::uint64_t filtered = 0;
    std::uint64_t refused = 0;
    std::uint64_t rejected = 0;
    std::uint64_t undelivered = 0;
    std::uint64_t queued = 0;

    [[nodiscard]] std::uint64_t settled() const { return delivered + rejected + undelivered; }
  };
  std::optional<std::uint64_t> matches;  // of kVerifyRule; nothing: there is no such rule
  std::uint64_t held = 0;                // of these, by its throttle
  std::uint64_t execs = 0;               // judged
  std::uint64_t waiting = 0;             // alerts that no destination has been given yet
  std::uint64_t out_of_scope = 0;
  std::map<std::string, Destination> destinations;
};

[[nodiscard]] MonitorNumbers monitor_numbers(std::span<const ReadSample> samples);

class Verification {
 public:
  // `before`: as it was before the event.
  explicit Verification(MonitorNumbers before) : before_(std::move(before)), now_(before_) {}

  // And again and again after it, until settled().
  void look(MonitorNumbers now);

  [[nodiscard]] bool matched() const { return seen_.has_value(); }
  // Nothing more can come.
  [[nodiscard]] bool settled() const;
  // What was seen up to now, a line each.
  [[nodiscard]] std::string told() const;
  // The first thing that is not as it should be, and what to do about it.
  [[nodiscard]] Status result() const;

 private:
  enum class Outcome : std::uint8_t { waiting, delivered, left_out, failed };
  [[nodiscard]] Outcome outcome(const std::string& name) const;
  [[nodiscard]] std::string names(Outcome outcome) const;
  [[nodiscard]] Status not_matched() const;

  MonitorNumbers before_;
  MonitorNumbers now_;
  std::optional<MonitorNumbers> seen_;  // the first numbers that have the match
};

}  // namespace bongsu
