// SPDX-License-Identifier: Apache-2.0
//
// Which hook serves each event: the first rung of the event's ladder (bpf/wire/events.def) that this kernel offers and
// permits.
#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/catalogue.h"

namespace bongsu {

// Which rungs may be taken: all, or one alone (for tests, and to see what it is worth).
enum class HookMode : std::uint8_t { automatic, tracepoint, fentry, syscall };
[[nodiscard]] std::string_view to_string(HookMode mode);
[[nodiscard]] HookMode parse_hook_mode(std::string_view name);  // automatic for any other name
[[nodiscard]] int rung_of(HookMode mode);                       // 1 to 3; 0: any

struct HookChoice {
  EventType event;
  const HookInfo* hook = nullptr;  // null: no rung could be had
  std::string refused;  // why the rungs above it (or all of them) could not; empty when there is nothing to say
};

using HookPlan = std::vector<HookChoice>;

// `unavailable(hook)` says why a hook cannot be had, or nothing. `ladder` holds each event's rungs, best first.
[[nodiscard]] HookPlan choose_hooks(const std::bitset<kEventCount>& wanted,
                                    const std::function<std::string(const HookInfo&)>& unavailable,
                                    std::span<const HookInfo> ladder = hooks());

}  // namespace bongsu
