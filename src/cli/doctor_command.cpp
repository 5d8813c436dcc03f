// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/strings.h"
#include "cli/command_line.h"
#include "sensor/preflight.h"
#include "sensor/sensor.h"

namespace bongsu {
namespace {

void line(std::string& out, std::string_view what, bool good, std::string_view text) {
  out += fmt::format("{:<16} {:<4} ", what, good ? "ok" : "BAD");
  append_printable(out, text);
  out += '\n';
}

// What this host lets the monitor see: everything is loaded, attached and detached again.
int doctor() {
  std::string out;
  bool good = true;
  for (const PreflightCheck& check : preflight("/proc", "/sys")) {
    line(out, check.name, check.status.has_value(), check.status ? check.found : check.status.error().to_string());
    good = good && check.status.has_value();
  }
  if (!good) {
    print_output(out);
    return kFailure;
  }
  SensorOptions options;
  options.events.set();
  const SystemClock clock;
  const auto sensor = Sensor::open(options, clock);
  if (!sensor) {
    line(out, "probes", false, sensor.error().to_string());
    print_output(out);
    return kFailure;
  }
  line(out, "transport", true, to_string((*sensor)->transport()));
  const Status snapshot = (*sensor)->snapshot([](std::span<const std::byte>) {});
  line(out, "process table", snapshot.has_value(), snapshot ? "BPF task iterator" : snapshot.error().to_string());
  good = good && snapshot.has_value();
  out += "\nevent            rung hook\n";
  for (const HookChoice& choice : (*sensor)->plan()) {
    const bool found = choice.hook != nullptr;
    out += fmt::format("{:<16} {:<4} {}\n", info(choice.event).name, found ? std::to_string(choice.hook->rung) : "none",
                       found ? choice.hook->attach : std::string_view{});
    if (found && !choice.hook->blind.empty()) {
      out += fmt::format("{:<21} cannot see: {}\n", "", choice.hook->blind);
    }
    if (!choice.refused.empty()) {
      out += fmt::format("{:<21} refused: ", "");
      append_printable(out, choice.refused);
      out += '\n';
    }
    good = good && found;
  }
  const int printed = print_output(out);
  return good ? printed : kFailure;
}

}  // namespace

void add_doctor_command(CommandLine& line) {
  CLI::App* command =
      add_command(line.app, "doctor", "Say what this host lets the monitor see, and what to do about the rest",
                  "  sudo bongsu doctor\n\n"
                  "Loads and attaches every probe for a moment. Exits 1 when something cannot be had.");
  command->callback([&line] { line.action = doctor; });
}

}  // namespace bongsu
