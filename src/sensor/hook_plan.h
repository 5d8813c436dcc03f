// SPDX-License-Identifier: Apache-2.0
//
// Which hook serves each event: the first rung of the event's ladder (bpf/wire/events.def) that this kernel offers and
// permits.
#pragma once

#include <bitset>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/catalogue.h"

namespace bongsu {

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
