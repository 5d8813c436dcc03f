// SPDX-License-Identifier: Apache-2.0
//
// Rungs 2 and 3: programs that look at system calls as they return. Which calls those are comes from
// bpf/wire/syscalls.def; one dispatcher hands each on to its program. Rung 3 attaches the dispatcher once, to the
// return of every call; rung 2 attaches a copy of it to each wanted call's own function, so that other calls cost
// nothing.
#pragma once

#include <bitset>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "events/catalogue.h"
#include "sensor/probe_object.h"

namespace bongsu {

// The name of the hook rows' attach point, and of the dispatcher's program.
inline constexpr std::string_view kFunctionReturns = "fexit/syscall";
inline constexpr std::string_view kEveryReturn = "tp_btf/sys_exit";
[[nodiscard]] bool is_call_return(std::string_view attach);
[[nodiscard]] std::string_view dispatcher(int rung);

// Why programs cannot be attached to functions here; empty when they can: tried, by attaching one that does nothing.
[[nodiscard]] const std::string& functions_unavailable();

// The programs that handle the calls of these events.
[[nodiscard]] ProgramSet call_programs(const std::bitset<kEventCount>& events);

class CallHooks {
 public:
  // `maps` is the object whose maps the kernel side uses, `settings` those that it was loaded with; `rung` 2 or 3.
  CallHooks(const ProbeObject& maps, ProbeSettings settings, int rung)
      : maps_(maps), settings_(std::move(settings)), rung_(rung) {}

  // The calls of these events are handled from here on, others are not. `find` gives the object that has a program; not
  // asked on rung 2, which loads its own.
  // What could not be had is in missing().
  using Find = std::function<const ProbeObject*(std::string_view program)>;
  [[nodiscard]] Status watch(const std::bitset<kEventCount>& events, const Find& find);

  // Sets right what another changed in the maps `calls` and, on rung 3, `handlers`; whether there was anything.
  [[nodiscard]] bool restore();

  [[nodiscard]] int rung() const { return rung_; }
  // Calls whose functions this kernel does not have or does not give: they are not seen on rung 2.
  [[nodiscard]] const std::vector<std::string>& missing() const { return missing_; }

 private:
  [[nodiscard]] Status fill_handlers(const ProgramSet& programs, const ProbeObject& maps, const Find& find) const;
  [[nodiscard]] bool restore_calls();
  [[nodiscard]] bool restore_handlers();
  [[nodiscard]] Status follow_functions(const std::bitset<kEventCount>& events);
  [[nodiscard]] Result<const ProbeObject*> object_for(const std::string& function, const ProgramSet& programs,
                                                      std::vector<std::unique_ptr<ProbeObject>>& retired);

  // A copy of the dispatcher on one function: its link, which keeps the program.
  struct Copy {
    UniqueFd program;
    UniqueFd link;
    const ProbeObject* of = nullptr;  // whose dispatcher it is a copy of
  };

  // What an entry of the map `handlers` is: borrowed from the object that has the program.
  struct Handler {
    std::uint32_t place = 0;
    int program = -1;
    std::uint32_t id = 0;  // the kernel's, which a look into the map gives
  };

  const ProbeObject& maps_;
  ProbeSettings settings_;
  int rung_;
  // Since Linux 6.11 a program may hand on only to one for functions of the same prototype, and the kernel's BTF knows
  // two of the calls' functions (the parameter's name differs): one object for each.
  std::map<int, std::unique_ptr<ProbeObject>> objects_;
  std::map<std::string, Copy> copies_;  // by function
  std::vector<std::string> missing_;
  std::vector<Handler> handlers_;       // what the map `handlers` holds on rung 3
  std::vector<bongsu_dispatch> table_;  // what the map `calls` holds, by number
};

}  // namespace bongsu
