// SPDX-License-Identifier: Apache-2.0
#include "sensor/hook_plan.h"

namespace bongsu {

std::string_view to_string(HookMode mode) {
  constexpr std::string_view kNames[] = {"auto", "tracepoint", "fentry", "syscall"};
  return kNames[static_cast<std::size_t>(mode)];
}

HookMode parse_hook_mode(std::string_view name) {
  for (const HookMode mode : {HookMode::tracepoint, HookMode::fentry, HookMode::syscall}) {
    if (to_string(mode) == name) {
      return mode;
    }
  }
  return HookMode::automatic;
}

int rung_of(HookMode mode) { return static_cast<int>(mode); }

HookPlan choose_hooks(const std::bitset<kEventCount>& wanted,
                      const std::function<std::string(const HookInfo&)>& unavailable,
                      std::span<const HookInfo> ladder) {
  HookPlan plan;
  for (const EventInfo& event : events()) {
    if (event.type == EventType::none || event.ring == Ring::none || !wanted[static_cast<std::size_t>(event.type)]) {
      continue;
    }
    HookChoice choice{.event = event.type, .hook = nullptr, .refused = {}};
    for (const HookInfo& hook : ladder) {
      if (hook.event != event.type) {
        continue;
      }
      const std::string why = unavailable(hook);
      if (why.empty()) {
        choice.hook = &hook;
        break;
      }
      choice.refused += (choice.refused.empty() ? "" : "; ");
      choice.refused.append(hook.attach).append(": ").append(why);
    }
    plan.push_back(std::move(choice));
  }
  return plan;
}

}  // namespace bongsu
