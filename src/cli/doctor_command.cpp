// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/strings.h"
#include "cli/api_place.h"
#include "cli/command_line.h"
#include "cli/program_costs.h"
#include "cli/signals.h"
#include "cli/trace_selection.h"
#include "config/load.h"
#include "kubernetes/api_check.h"
#include "sensor/preflight.h"
#include "sensor/sensor.h"

namespace bongsu {
namespace {

void line(std::string& out, std::string_view what, bool good, std::string_view text) {
  out += fmt::format("{:<16} {:<4} ", what, good ? "ok" : "BAD");
  append_printable(out, text);
  out += '\n';
}

struct DoctorOptions {
  std::string hooks = "auto";
  std::string cost;
  std::string events = "process,memory,file,network,privilege,kernel,container";
  bool json = false;
};

// One line an event; why a better rung could not be had is said once, below.
bool append_hooks(std::string& out, const HookPlan& plan) {
  std::map<std::string, std::size_t> reasons;
  bool good = true;
  out += "\nevent            rung hook\n";
  for (const HookChoice& choice : plan) {
    const bool found = choice.hook != nullptr;
    out += fmt::format("{:<16} {:<4} {}\n", info(choice.event).name, found ? std::to_string(choice.hook->rung) : "none",
                       found ? choice.hook->attach : std::string_view{});
    if (found && !choice.hook->blind.empty()) {
      out += fmt::format("{:<21} cannot see: {}\n", "", choice.hook->blind);
    }
    if (!choice.refused.empty()) {
      ++reasons[choice.refused];
    }
    good = good && found;
  }
  for (const auto& [reason, count] : reasons) {
    out += fmt::format("\n{} event{} not on a better rung: ", count, count == 1 ? "" : "s");
    append_printable(out, reason);
    out += '\n';
  }
  return good;
}

// What this host lets the monitor see: everything is loaded, attached and detached again.
int doctor(const DoctorOptions& options, const Environment& environment) {
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
  if (auto config = load_config({}, environment); !config) {
    line(out, "configuration", false, config.error().to_string());
    good = false;
  } else {
    for (const ApiCheckLine& check : check_api(api_place(config->kubernetes, environment), SystemClock())) {
      line(out, check.what, check.good, check.text);
      good = good && check.good;
    }
  }
  SensorOptions sensor_options;
  sensor_options.events.set();
  sensor_options.hooks = parse_hook_mode(options.hooks);
  const SystemClock clock;
  const auto sensor = Sensor::open(sensor_options, clock);
  if (!sensor) {
    line(out, "probes", false, sensor.error().to_string());
    print_output(out);
    return kFailure;
  }
  line(out, "transport", true, to_string((*sensor)->transport()));
  const Status snapshot = (*sensor)->snapshot([](std::span<const std::byte>) {});
  line(out, "process table", snapshot.has_value(), snapshot ? "BPF task iterator" : snapshot.error().to_string());
  good = append_hooks(out, (*sensor)->plan()) && good && snapshot.has_value();
  const int printed = print_output(out);
  return good ? printed : kFailure;
}

// What the programs for some events cost: their size, and their run time while this host does what it does.
int cost(const DoctorOptions& options) {
  const auto events = parse_events(options.events);
  std::int64_t duration_ns = 0;
  if (!events || !parse_duration_ns(options.cost, duration_ns)) {
    print_error(events ? Error{"--cost: " + options.cost + " is no time", "a number with a unit, as 10s"}
                       : events.error());
    return kUsage;
  }
  const auto signals = Signals::block();
  const auto statistics = Sensor::enable_statistics();
  if (!signals || !statistics) {
    return print_error(signals ? statistics.error() : signals.error());
  }
  SensorOptions sensor_options;
  sensor_options.events = *events;
  sensor_options.hooks = parse_hook_mode(options.hooks);
  sensor_options.events_per_second = 0;
  const SystemClock clock;
  const auto sensor = Sensor::open(sensor_options, clock);
  if (!sensor) {
    return print_error(sensor.error());
  }
  std::cerr << "measuring for " << options.cost << "; Ctrl-C ends it\n";
  const std::int64_t end_ns = clock.boot_ns() + duration_ns;
  for (std::int64_t now_ns = clock.boot_ns(); now_ns < end_ns && !signals->pending(); now_ns = clock.boot_ns()) {
    constexpr std::int64_t kMillisecondNs = 1'000'000;
    const auto wait_ms = static_cast<int>((end_ns - now_ns) / kMillisecondNs + 1);
    if (const auto polled = (*sensor)->poll(wait_ms, signals->fd(), [](std::span<const std::byte>) {}); !polled) {
      return print_error(polled.error());
    }
  }
  return print_output(program_costs_text(**sensor, options.json));
}

}  // namespace

void add_doctor_command(CommandLine& line) {
  CLI::App* command =
      add_command(line.app, "doctor", "Say what this host lets the monitor see, and what to do about the rest",
                  "  sudo bongsu doctor\n"
                  "  sudo bongsu doctor --hooks fentry            what one kind of hooks could serve here\n"
                  "  sudo bongsu doctor --cost 10s --events open  what the probes of an event cost on this host\n\n"
                  "Loads and attaches every probe for a moment. Exits 1 when something cannot be had.");
  auto options = std::make_shared<DoctorOptions>();
  command->add_option("--hooks", options->hooks, "Only one kind of hooks")
      ->check(CLI::IsMember({"auto", "tracepoint", "fentry", "syscall"}))
      ->capture_default_str();
  CLI::Option* cost_option =
      command->add_option("--cost", options->cost, "Measure instead: each program's size and run time over this time");
  command->add_option("--events", options->events, "With --cost: events or families, comma-separated")
      ->needs(cost_option);
  command->add_flag("--json", options->json, "With --cost: as one JSON object")->needs(cost_option);
  command->callback([&line, options] {
    line.action = [&line, options] {
      return options->cost.empty() ? doctor(*options, line.environment) : cost(*options);
    };
  });
}

}  // namespace bongsu
