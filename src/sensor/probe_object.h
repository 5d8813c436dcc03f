// SPDX-License-Identifier: Apache-2.0
//
// The BPF object from open to attached: settings, map sizes, the programs that a plan wants. Owns the skeleton.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sensor/hook_plan.h"

struct probes;
struct bpf_link;

namespace bongsu {

struct ProbeSettings {
  bool use_perf = false;
  std::uint64_t ring_bytes = 0;
  bool task_iterator = true;  // false: the snapshot's program is left out
};

class ProbeObject {
 public:
  // Loads the programs of the plan's hooks, and the snapshot's.
  [[nodiscard]] static Result<std::unique_ptr<ProbeObject>> load(const HookPlan& plan, const ProbeSettings& settings);
  ~ProbeObject();
  ProbeObject(const ProbeObject&) = delete;
  ProbeObject& operator=(const ProbeObject&) = delete;

  [[nodiscard]] Status attach(const HookInfo& hook);
  void detach();
  [[nodiscard]] probes& skeleton() { return *skeleton_; }
  [[nodiscard]] const probes& skeleton() const { return *skeleton_; }

 private:
  explicit ProbeObject(probes* skeleton) : skeleton_(skeleton) {}
  probes* skeleton_;
  std::vector<bpf_link*> links_;
};

// Why the kernel does not offer what a hook attaches to; empty when it does.
[[nodiscard]] std::string_view unavailable(const HookInfo& hook);

// Whether a program loads here on its own: finds the culprit when the whole object does not.
[[nodiscard]] bool loads_alone(const HookInfo& hook);

// Whether this kernel has BPF_MAP_TYPE_RINGBUF (since 5.8).
[[nodiscard]] bool kernel_has_ring_buffer();
// Whether it lets a program walk the tasks (since 5.8).
[[nodiscard]] bool kernel_has_task_iterator();

// libbpf's own messages go to the debug log; the last warnings are kept for error messages until the next load.
void capture_libbpf_messages();
[[nodiscard]] std::string last_libbpf_warning();

}  // namespace bongsu
