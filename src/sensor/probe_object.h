// SPDX-License-Identifier: Apache-2.0
//
// One copy of the BPF object: settings, map sizes, the programs asked for, loaded. The first one makes the maps, later
// ones (a rule reload asks for more) share them. Owns the skeleton and the links of its programs.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sensor/hook_plan.h"
#include "wire/wire.h"

struct probes;
struct bpf_link;
struct bpf_program;

namespace bongsu {

struct ProbeSettings {
  bool use_perf = false;
  std::uint64_t ring_bytes = 0;  // of each of the two rings
  // Programs at the return of calls are loaded for this function, and have a map `handlers` of their own; empty: for
  // the return of every call.
  std::string function = {};
  bongsu_fixed fixed = {};  // what the programs leave out for as long as they live
};

using ProgramSet = std::set<std::string, std::less<>>;

class ProbeObject {
 public:
  // `maps` is the object whose maps are shared; null: new ones are made.
  [[nodiscard]] static Result<std::unique_ptr<ProbeObject>> load(const ProgramSet& programs,
                                                                 const ProbeSettings& settings,
                                                                 const ProbeObject* maps);
  ~ProbeObject();
  ProbeObject(const ProbeObject&) = delete;
  ProbeObject& operator=(const ProbeObject&) = delete;

  [[nodiscard]] bool has(std::string_view program) const { return programs_.contains(program); }
  [[nodiscard]] const ProgramSet& programs() const { return programs_; }
  [[nodiscard]] const bpf_program* program(std::string_view name) const;
  [[nodiscard]] Status attach(std::string_view name);
  void detach(std::string_view name);
  // It is not among the object's programs any more.
  void unload(std::string_view name);
  [[nodiscard]] bool attached(std::string_view program) const { return links_.contains(program); }

  [[nodiscard]] const probes& skeleton() const { return *skeleton_; }

 private:
  ProbeObject(probes* skeleton, ProgramSet programs) : skeleton_(skeleton), programs_(std::move(programs)) {}
  probes* skeleton_;
  ProgramSet programs_;
  std::map<std::string, bpf_link*, std::less<>> links_;
};

// Why the kernel does not offer the tracepoint `name` to typed programs; empty when it does.
[[nodiscard]] std::string_view tracepoint_unavailable(std::string_view name);

// Whether this kernel has BPF_MAP_TYPE_RINGBUF (since 5.8).
[[nodiscard]] bool kernel_has_ring_buffer();
// Whether it lets a program walk the tasks (since 5.8).
[[nodiscard]] bool kernel_has_task_iterator();

// libbpf's own messages go to the debug log; the last warnings are kept for error messages until the next load.
void capture_libbpf_messages();
[[nodiscard]] std::string last_libbpf_warning();

}  // namespace bongsu
