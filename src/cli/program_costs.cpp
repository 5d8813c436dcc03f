// SPDX-License-Identifier: Apache-2.0
#include "cli/program_costs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "sensor/call_hooks.h"

namespace bongsu {
namespace {

std::uint64_t mean(std::uint64_t total, std::uint64_t count) { return count == 0 ? 0 : total / count; }

// Events that came of call returns.
std::uint64_t told_by_calls(const Sensor& sensor) {
  const bongsu_counters counters = sensor.counters();
  std::uint64_t told = 0;
  for (const HookChoice& choice : sensor.plan()) {
    if (choice.hook != nullptr && is_call_return(choice.hook->attach)) {
      told += counters.emitted[static_cast<std::size_t>(choice.event)];
    }
  }
  return told;
}

}  // namespace

std::string program_costs_text(const Sensor& sensor, bool json) {
  std::vector<Sensor::ProgramCost> programs = sensor.programs();
  std::sort(programs.begin(), programs.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::uint64_t dispatch_ns = 0;
  std::string out = json ? "{\"programs\":{"
                         : fmt::format("{:<24} {:>12} {:>10} {:>12} {:>10}\n", "PROGRAM", "INSTRUCTIONS", "VERIFIED",
                                       "RUNS", "NS/RUN");
  bool first = true;
  for (const Sensor::ProgramCost& program : programs) {
    const std::uint64_t ns = mean(program.run_ns, program.runs);
    if (program.name == dispatcher(3)) {
      dispatch_ns = program.run_ns;
    }
    if (json) {
      fmt::format_to(std::back_inserter(out), R"({}"{}":{{"instructions":{},"verified":{},"runs":{},"ns_per_run":{}}})",
                     first ? "" : ",", program.name, program.instructions, program.verified, program.runs, ns);
    } else {
      fmt::format_to(std::back_inserter(out), "{:<24} {:>12} {:>10} {:>12} {:>10}\n", program.name,
                     program.instructions, program.verified, program.runs, ns);
    }
    first = false;
  }
  const std::uint64_t told = told_by_calls(sensor);
  if (json) {
    return out + fmt::format(R"(}},"call_events":{},"ns_per_call_event":{}}})", told, mean(dispatch_ns, told)) + "\n";
  }
  return out +
         fmt::format("\nThe programs sys_* run within {}: {} ns for each of {} events, other calls' share in it.\n",
                     dispatcher(3), mean(dispatch_ns, told), told);
}

}  // namespace bongsu
