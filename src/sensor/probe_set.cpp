// SPDX-License-Identifier: Apache-2.0
#include "sensor/probe_set.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "probes.skel.h"
#include "sensor/kernel_types.h"

namespace bongsu {
namespace {

std::size_t index(EventType type) { return static_cast<std::size_t>(type); }

// The programs that the plan needs: a hook's own, or all that handle calls of the event, and the dispatcher.
ProgramSet programs_of(const HookPlan& plan, int return_rung) {
  ProgramSet needed;
  std::bitset<kEventCount> by_calls;
  for (const HookChoice& choice : plan) {
    if (choice.hook == nullptr) {
      continue;
    }
    if (is_call_return(choice.hook->attach)) {
      by_calls.set(index(choice.event));
    } else {
      needed.emplace(choice.hook->program);
    }
  }
  if (by_calls.any() && return_rung == 3) {  // on rung 2 CallHooks loads them, for each kind of function
    needed.merge(call_programs(by_calls));
    needed.emplace(dispatcher(return_rung));
  }
  return needed;
}

std::bitset<kEventCount> events_by_calls(const HookPlan& plan) {
  std::bitset<kEventCount> events;
  for (const HookChoice& choice : plan) {
    if (choice.hook != nullptr && is_call_return(choice.hook->attach)) {
      events.set(index(choice.event));
    }
  }
  return events;
}

// Why a hook cannot be had, as far as that is known without trying; `functions_refused`: by trying, of rung 2.
std::string known_unavailable(HookMode mode, const std::string& functions_refused, const HookInfo& hook) {
  if (rung_of(mode) != 0 && hook.rung != rung_of(mode) && !identity_events()[index(hook.event)]) {
    return "not asked for (--hooks " + std::string(to_string(mode)) + ")";
  }
  constexpr std::string_view kTypedTracepoint = "tp_btf/";
  if (hook.attach == kFunctionReturns) {
    return functions_refused.empty() ? functions_unavailable() : functions_refused;
  }
  return hook.attach.starts_with(kTypedTracepoint)
             ? std::string(tracepoint_unavailable(hook.attach.substr(kTypedTracepoint.size())))
             : std::string();
}

}  // namespace

const std::bitset<kEventCount>& identity_events() {
  static const auto kEvents = [] {
    std::bitset<kEventCount> events;
    for (const EventType type :
         {EventType::exec, EventType::fork, EventType::exit, EventType::container_start, EventType::container_stop}) {
      events.set(index(type));
    }
    return events;
  }();
  return kEvents;
}

Result<std::unique_ptr<ProbeSet>> ProbeSet::open(HookMode mode, const ProbeSettings& settings,
                                                 const ProgramSet& programs, const std::bitset<kEventCount>& events) {
  const auto held = kernel_types();
  const bool functions = mode == HookMode::automatic && functions_unavailable().empty();
  const int return_rung = functions || mode == HookMode::fentry ? 2 : 3;
  const HookPlan plan =
      choose_hooks(events | identity_events(), [&](const HookInfo& hook) { return known_unavailable(mode, {}, hook); });
  ProgramSet all = programs_of(plan, return_rung);
  all.insert(programs.begin(), programs.end());
  auto base = ProbeObject::load(all, settings, nullptr);
  if (!base) {  // want() finds out which of them is refused
    base = ProbeObject::load(programs, settings, nullptr);
  }
  if (!base) {
    return tl::make_unexpected(base.error());
  }
  return std::unique_ptr<ProbeSet>(new ProbeSet(mode, settings, return_rung, std::move(*base), programs));
}

ProbeSet::ProbeSet(HookMode mode, const ProbeSettings& settings, int return_rung, std::unique_ptr<ProbeObject> base,
                   ProgramSet kept)
    : mode_(mode),
      settings_(settings),
      kept_(std::move(kept)),
      return_rung_(return_rung),
      calls_(std::make_unique<CallHooks>(*base, settings, return_rung)),
      gates_(bpf_map__fd(base->skeleton().maps.gates), bpf_map__fd(base->skeleton().maps.gate_values)) {
  objects_.push_back(std::move(base));
}

std::string ProbeSet::unavailable(const HookInfo& hook, const Struck& struck) const {
  const auto found = std::find_if(struck.begin(), struck.end(), [&](const auto& s) { return s.first == &hook; });
  if (found != struck.end()) {
    return found->second;
  }
  return known_unavailable(mode_, functions_refused_, hook);
}

const ProbeObject* ProbeSet::holder(std::string_view program) const {
  const auto found = std::find_if(objects_.begin(), objects_.end(), [&](const auto& o) { return o->has(program); });
  return found == objects_.end() ? nullptr : found->get();
}

// Finds the culprit when several programs are refused together.
bool ProbeSet::loads_alone(const HookInfo& hook) const {
  const HookPlan plan{HookChoice{.event = hook.event, .hook = &hook, .refused = {}}};
  return ProbeObject::load(programs_of(plan, return_rung_), settings_, &base()).has_value();
}

Status ProbeSet::load_missing(const ProgramSet& needed) {
  ProgramSet missing;
  for (const std::string& program : needed) {
    if (holder(program) == nullptr) {
      missing.insert(program);
    }
  }
  if (missing.empty()) {
    return {};
  }
  auto object = ProbeObject::load(missing, settings_, &base());
  if (!object) {
    return tl::make_unexpected(object.error());
  }
  objects_.push_back(std::move(*object));
  return {};
}

// A hook that is offered but refused is struck out and the next rung taken: the loop ends because there are finitely
// many.
Result<HookPlan> ProbeSet::load_and_attach(const std::bitset<kEventCount>& events) {
  Struck struck;
  for (;;) {
    HookPlan plan = choose_hooks(events, [&](const HookInfo& hook) { return unavailable(hook, struck); });
    for (const HookChoice& choice : plan) {
      if (choice.hook == nullptr && identity_events()[index(choice.event)]) {
        return fail("no way to see the event " + std::string(info(choice.event).name) + " on this kernel",
                    choice.refused);
      }
    }
    const std::size_t struck_before = struck.size();
    const Status loaded = load_missing(programs_of(plan, return_rung_));
    for (const HookChoice& choice : plan) {
      if (choice.hook == nullptr) {
        continue;
      }
      if (!loaded) {
        if (!loads_alone(*choice.hook)) {
          struck.emplace(choice.hook, last_libbpf_warning());
        }
      } else if (!is_call_return(choice.hook->attach)) {
        if (Status attached = attach(choice.hook->program); !attached) {
          struck.emplace(choice.hook, attached.error().message);
        }
      }
    }
    if (struck.size() != struck_before) {
      continue;
    }
    if (!loaded) {
      return tl::make_unexpected(loaded.error());
    }
    return plan;
  }
}

Status ProbeSet::attach(std::string_view program) {
  const auto object = std::find_if(objects_.begin(), objects_.end(), [&](const auto& o) { return o->has(program); });
  if (object == objects_.end()) {
    return fail("the BPF program " + std::string(program) + " is not loaded");
  }
  return (*object)->attached(program) ? Status{} : (*object)->attach(program);
}

// Which events are told, and which calls are looked at.
Status ProbeSet::steer(const HookPlan& plan, const std::bitset<kEventCount>& events) {
  if (Status set = set_wanted(events); !set) {
    return set;
  }
  const auto by_calls = events_by_calls(plan);
  if (Status watched = calls_->watch(by_calls, [this](std::string_view name) { return holder(name); }); !watched) {
    return watched;
  }
  return by_calls.any() && return_rung_ == 3 ? attach(dispatcher(3)) : Status{};
}

// Detaches and unloads what is not needed.
void ProbeSet::release(const ProgramSet& needed) {
  for (const auto& object : objects_) {
    for (const std::string& program : object->programs()) {
      if (!needed.contains(program)) {
        object->detach(program);
      }
    }
  }
  const auto idle = [&](const std::unique_ptr<ProbeObject>& object) {
    return std::none_of(object->programs().begin(), object->programs().end(),
                        [&](const std::string& program) { return needed.contains(program); });
  };
  objects_.erase(std::remove_if(objects_.begin() + 1, objects_.end(), idle), objects_.end());
  ProbeObject& base = *objects_.front();
  for (const std::string& program : ProgramSet(base.programs())) {
    if (!needed.contains(program) && !kept_.contains(program)) {
      base.unload(program);
    }
  }
}

// What is wanted no more goes last, so nothing that stays is missed.
Status ProbeSet::want(std::bitset<kEventCount> events) {
  const auto held = kernel_types();
  events |= identity_events();
  auto plan = load_and_attach(events);
  if (!plan) {
    return tl::make_unexpected(plan.error());
  }
  Status steered = steer(*plan, events);
  if (!steered && mode_ == HookMode::automatic && return_rung_ == 2) {
    log::warn("rung 2 is not to be had: {}", steered.error().to_string());
    functions_refused_ = steered.error().to_string();
    return_rung_ = 3;
    calls_ = std::make_unique<CallHooks>(base(), settings_, return_rung_);
    return want(events);
  }
  if (!steered) {
    if (Status back = steer(plan_, wanted_); !back) {
      log::warn("cannot go back to the events that were wanted before: {}", back.error().to_string());
    }
    return steered;
  }
  for (const std::string& name : calls_->missing()) {
    log::warn("this kernel has no function of the system call {}: it is not seen", name);
  }
  release(programs_of(*plan, return_rung_));
  plan_ = std::move(*plan);
  wanted_ = events;
  return {};
}

Status ProbeSet::set_wanted(const std::bitset<kEventCount>& events) {
  bongsu_settings settings = set_;
  std::fill(std::begin(settings.wanted), std::end(settings.wanted), 0);
  for (std::size_t type = 0; type < kEventCount; ++type) {
    constexpr std::size_t kBits = 64;
    settings.wanted[type / kBits] |= std::uint64_t{events[type]} << type % kBits;
  }
  return put_settings(settings);
}

Status ProbeSet::put_settings(const bongsu_settings& settings) {
  const std::uint32_t zero = 0;
  if (bpf_map_update_elem(bpf_map__fd(base().skeleton().maps.settings), &zero, &settings, BPF_ANY) != 0) {
    return fail_errno("cannot set what the kernel side is to tell", errno);
  }
  set_ = settings;
  return {};
}

// An event's lanes have other meanings under other gates. So none count for a moment, until no program goes on with
// lanes of the old ones; what passes then passes any gate.
Status ProbeSet::gate(const Gates* gates) {
  const bongsu_settings before = set_;
  bongsu_settings settings = set_;
  settings.gated = 0;
  if (before.gated != 0) {
    if (Status put = put_settings(settings); !put) {
      return put;
    }
    GateMaps::let_readers_end();
  }
  if (gates == nullptr) {
    gates_.clear();
    return {};
  }
  const auto half = gates_.write(*gates);
  if (!half) {
    if (Status back = put_settings(before); !back) {
      log::warn("every event comes to user space: {}", back.error().to_string());
    }
    return tl::make_unexpected(half.error());
  }
  settings.gated = 1;
  settings.gates = *half;
  return put_settings(settings);
}

std::vector<std::string> ProbeSet::restore_settings() {
  std::vector<std::string> changed;
  const int map = bpf_map__fd(base().skeleton().maps.settings);
  const std::uint32_t zero = 0;
  bongsu_settings settings{};
  if (bpf_map_lookup_elem(map, &zero, &settings) == 0 && std::memcmp(&settings, &set_, sizeof(set_)) != 0) {
    changed.emplace_back("settings");
    bpf_map_update_elem(map, &zero, &set_, BPF_ANY);
  }
  if (calls_->restore()) {
    changed.emplace_back("calls");
  }
  if (gates_.restore()) {
    changed.emplace_back("gates");
  }
  return changed;
}

void ProbeSet::for_each_program(const std::function<void(const bpf_program*)>& use) const {
  for (const auto& object : objects_) {
    for (const std::string& name : object->programs()) {
      use(object->program(name));
    }
  }
}

void ProbeSet::detach() {
  for (const auto& object : objects_) {
    for (const std::string& program : object->programs()) {
      object->detach(program);
    }
  }
  const Status stopped = calls_->watch({}, [](std::string_view) { return nullptr; });
  if (!stopped) {
    log::warn("cannot detach from system calls: {}", stopped.error().to_string());
  }
}

}  // namespace bongsu
