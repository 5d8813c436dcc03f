// SPDX-License-Identifier: Apache-2.0
//
// What `bongsu trace` is asked to show: the kernel side leaves out what it can, this decides what is left. Identity
// needs exec, fork and exit of every process, so of those nothing is left out in the kernel.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "events/event_view.h"

namespace bongsu {

class TraceSelection {
 public:
  enum class Namespace : std::uint8_t { all, host, containers };

  std::bitset<kEventCount> events;
  std::string comm;
  std::optional<std::uint32_t> uid;
  std::string container;  // "any", or the beginning of an id
  Namespace where = Namespace::all;
  std::int64_t min_duration_ns = 0;

  // Only these processes; with `descendants` all that come of them too.
  void only(const std::vector<std::uint32_t>& pids, bool descendants);

  // Called for every event, wanted or not: processes come and go. True: a process that is new among the followed.
  bool follow(const EventView& event);
  [[nodiscard]] bool takes(const EventView& event) const;
  // Whether the event's place (host, container) is asked for.
  [[nodiscard]] bool in_place(const EventView& event) const;
  // After takes(): a process that ended is followed no more.
  void forget(const EventView& event);

 private:
  std::unordered_set<std::int64_t> pids_;
  bool by_pid_ = false;
  bool descendants_ = false;
};

// Names and families of events, comma-separated, as "exec,file".
[[nodiscard]] Result<std::bitset<kEventCount>> parse_events(std::string_view text);

// The process and all its descendants, from `proc_root` ("/proc").
[[nodiscard]] std::vector<std::uint32_t> descendants_of(const std::string& proc_root, std::uint32_t pid);

}  // namespace bongsu
