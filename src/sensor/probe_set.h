// SPDX-License-Identifier: Apache-2.0
//
// What is loaded and attached at the moment, and how that changes: for each wanted event the best rung that loads and
// attaches. Owns the BPF objects; the first holds the maps and lives as long as this does.
#pragma once

#include <bitset>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sensor/call_hooks.h"
#include "sensor/gate_maps.h"
#include "sensor/hook_plan.h"
#include "sensor/probe_object.h"

namespace bongsu {

// Who a process is and where it runs cannot be told without these, whatever the rules ask for.
[[nodiscard]] const std::bitset<kEventCount>& identity_events();

class ProbeSet {
 public:
  // Makes the maps and loads `programs`, which are not attached to anything (the iterator's), and with them, to be
  // quick, what `events` are going to need. Nothing is attached yet.
  [[nodiscard]] static Result<std::unique_ptr<ProbeSet>> open(HookMode mode, const ProbeSettings& settings,
                                                              const ProgramSet& programs,
                                                              const std::bitset<kEventCount>& events);

  // Loads and attaches what these events need and identity does; detaches and unloads what nobody needs.
  [[nodiscard]] Status want(std::bitset<kEventCount> events);
  // What no rule can match is not told; null: all that is wanted is told.
  [[nodiscard]] Status gate(const Gates* gates);
  // Sets right what another changed in the maps `settings`, `calls` and `gates`; the names of those that were not as
  // set.
  [[nodiscard]] std::vector<std::string> restore_settings();
  void detach();

  // Each loaded program; copies of the dispatcher are not among them.
  void for_each_program(const std::function<void(const bpf_program*)>& use) const;

  [[nodiscard]] const ProbeObject& base() const { return *objects_.front(); }
  [[nodiscard]] const HookPlan& plan() const { return plan_; }

 private:
  using Struck = std::set<std::pair<const HookInfo*, std::string>>;

  ProbeSet(HookMode mode, const ProbeSettings& settings, int return_rung, std::unique_ptr<ProbeObject> base,
           ProgramSet kept);
  [[nodiscard]] std::string unavailable(const HookInfo& hook, const Struck& struck) const;
  [[nodiscard]] Result<HookPlan> load_and_attach(const std::bitset<kEventCount>& events);
  [[nodiscard]] Status load_missing(const ProgramSet& needed);
  [[nodiscard]] Status attach(std::string_view program);
  [[nodiscard]] Status steer(const HookPlan& plan, const std::bitset<kEventCount>& events);
  void release(const ProgramSet& needed);
  [[nodiscard]] Status put_settings(const bongsu_settings& settings);
  [[nodiscard]] Status set_wanted(const std::bitset<kEventCount>& events);
  [[nodiscard]] const ProbeObject* holder(std::string_view program) const;
  [[nodiscard]] bool loads_alone(const HookInfo& hook) const;

  HookMode mode_;
  ProbeSettings settings_;
  ProgramSet kept_;  // programs of the first object that stay loaded whatever is wanted
  std::vector<std::unique_ptr<ProbeObject>> objects_;
  int return_rung_;                // that calls are seen on
  std::string functions_refused_;  // why it is not 2, though it seemed to be possible
  std::unique_ptr<CallHooks> calls_;
  bongsu_settings set_{};  // what the map `settings` holds
  GateMaps gates_;
  HookPlan plan_;
  std::bitset<kEventCount> wanted_;
};

}  // namespace bongsu
