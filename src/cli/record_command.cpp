// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "base/strings.h"
#include "cli/command_line.h"
#include "cli/event_source.h"
#include "cli/logging.h"
#include "cli/record_flags.h"
#include "cli/rules_keeper.h"
#include "cli/signals.h"
#include "cli/trace_selection.h"
#include "cli/trace_summary.h"
#include "rules/engine.h"

namespace bongsu {
namespace {

constexpr std::chrono::seconds kGrace{10};  // for the disk, at the end

struct RecordOptions {
  RecordFlags flags;
  std::vector<std::string> events;
  std::vector<std::filesystem::path> rules;
  std::string duration;
  std::uint64_t count = 0;  // 0: no limit
};

// What is named, and what the rules are about; exec, fork, exit and the container events come by themselves.
Result<std::bitset<kEventCount>> wanted_events(const RecordOptions& options) {
  std::bitset<kEventCount> wanted;
  for (const std::string& names : options.events) {
    const auto named = parse_events(names);
    if (!named) {
      return tl::make_unexpected(named.error());
    }
    wanted |= *named;
  }
  if (!options.rules.empty()) {
    const auto loaded = load_rules(options.rules, SystemClock().wall_ns());
    if (!loaded) {
      return tl::make_unexpected(loaded.error());
    }
    if (!loaded->rules) {
      return fail("there is no good rule in " + options.rules.front().string(), "bongsu rules check shows why");
    }
    for (const std::string& error : printable_errors(*loaded)) {
      print_error({"what this rule is about may be missing", error});
    }
    wanted |= loaded->rules->wanted();
  }
  return wanted;
}

// Until a limit, a signal or a recorder that has given up.
Status record(EventSource& source, Recorder& recorder, const Signals& signals, const Clock& clock,
              std::int64_t duration_ns, const std::function<bool()>& enough) {
  constexpr std::int64_t kTickNs = 1'000'000'000;
  constexpr std::int64_t kMillisecondNs = 1'000'000;
  const std::int64_t end_ns = duration_ns > 0 ? clock.boot_ns() + duration_ns : INT64_MAX;
  std::int64_t next_tick_ns = 0;
  while (!signals.pending() && !enough()) {
    const std::int64_t now_ns = clock.boot_ns();
    if (now_ns >= next_tick_ns) {
      recorder.tick(now_ns, clock.wall_ns());
      next_tick_ns = now_ns + kTickNs;
    }
    if (const auto failure = recorder.take_failure()) {
      return tl::make_unexpected(*failure);
    }
    if (now_ns >= end_ns) {
      break;
    }
    const std::int64_t wait_ns = std::clamp<std::int64_t>(end_ns - now_ns, 0, kTickNs / 4);
    if (Status polled = source.poll(static_cast<int>((wait_ns + kMillisecondNs - 1) / kMillisecondNs), signals.fd());
        !polled) {
      return polled;
    }
  }
  return {};
}

int record(const CommandLine& line, const RecordOptions& options) {
  if (Status log = set_up_log("warn", use_colour(line, "auto", line.stderr_is_terminal)); !log) {
    print_error(log.error());
    return kUsage;
  }
  std::int64_t duration_ns = 0;
  if (!options.duration.empty() && !parse_duration_ns(options.duration, duration_ns)) {
    print_error({"--duration: " + options.duration + " is no time", "a number with a unit, as 500ms, 10s or 2m"});
    return kUsage;
  }
  const auto wanted = wanted_events(options);
  if (!wanted) {
    print_error(wanted.error());
    return options.rules.empty() ? kUsage : kFailure;
  }
  const auto signals = Signals::block();
  if (!signals) {
    return print_error(signals.error());
  }
  const auto recorder = make_recorder(options.flags, "");
  if (!recorder) {
    return print_error(recorder.error());
  }
  SensorOptions sensor;
  sensor.events = *wanted;
  sensor.events_per_second = 0;  // all that is asked for; what the rings cannot hold is told
  const SystemClock clock;
  std::uint64_t events = 0;
  auto source = EventSource::open(sensor, clock, [&events](const LiveEvent&) { ++events; }, recorder->get());
  if (!source) {
    return print_error(source.error());
  }
  if (Status learnt = (*source)->snapshot(); !learnt) {
    return print_error(learnt.error());
  }
  std::cerr << "recording into " << options.flags.file << "; Ctrl-C ends it\n";
  const Status recorded = record(**source, **recorder, *signals, clock, duration_ns,
                                 [&] { return options.count > 0 && events >= options.count; });
  (*source)->finish();
  const bool written = (*recorder)->finish((*source)->lost(), std::chrono::steady_clock::now() + kGrace);
  const Recorder::Totals totals = (*recorder)->totals();
  std::cerr << fmt::format("{} events in {} records, {} bytes, compressed to {} bytes in {}\n", events, totals.records,
                           totals.bytes, totals.file_bytes, options.flags.file)
            << loss_text(events, **source);
  if (totals.lost_frames > 0) {
    std::cerr << fmt::format("  {} frames were lost: the disk was too slow\n", totals.lost_frames);
  }
  if (!recorded) {
    return print_error(recorded.error());
  }
  if (const auto failure = (*recorder)->take_failure()) {
    return print_error(*failure);
  }
  return written ? kOk : print_error({"the recording was not written to its end in time", "is the disk stuck?"});
}

}  // namespace

void add_record_command(CommandLine& line) {
  CLI::App* command = add_command(
      line.app, "record", "Keep what happens in a file, to be judged later",
      "  sudo bongsu record incident.rec --rules rules/            what these rules ask for, until Ctrl-C\n"
      "  sudo bongsu record day.rec file,network --duration 10m    these events, for ten minutes\n"
      "  sudo bongsu record short.rec --count 1000                 programs and containers that start and end\n"
      "  sudo bongsu record share.rec --rules rules/ --mask process.args,process.working_directory\n"
      "  bongsu replay incident.rec --rules rules/                 and what the rules say of it\n\n"
      "exec, fork, exit and the container events are always recorded. The file is for its owner only (mode 0600): "
      "arguments\nof programs hold secrets; --mask keeps them out. A file that is there is not touched without "
      "--force.");
  auto options = std::make_shared<RecordOptions>();
  command->add_option("file", options->flags.file, "The recording to make")->required();
  command->add_option("events", options->events, "Events or families of them, as open or file,network (bongsu events)");
  command
      ->add_option("--rules", options->rules, "Rule files or directories: what they are about is recorded (repeatable)")
      ->allow_extra_args(false);
  command->add_option("--duration", options->duration, "Stop after this time, as 60s");
  command->add_option("--count", options->count, "Stop when this many events are recorded")->check(CLI::PositiveNumber);
  add_record_flags(command, options->flags, "--");
  command->add_flag("--force", options->flags.replace, "Replace the file if it is there");
  command->callback([&line, options] { line.action = [&line, options] { return record(line, *options); }; });
}

}  // namespace bongsu
