// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bitset>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/strings.h"
#include "cli/command_line.h"
#include "cli/event_source.h"
#include "cli/line_writer.h"
#include "cli/logging.h"
#include "cli/signals.h"
#include "cli/text_table.h"
#include "events/event_json.h"

namespace bongsu {
namespace {

struct TraceOptions {
  std::string events;
  std::string comm;
  std::int64_t pid = -1;
  std::string container;
  std::string min_duration;
  std::string duration;
  std::string format = "auto";
  std::string transport = "auto";
  std::uint64_t count = 0;  // 0: no limit
};

// What the flags select, in the units of events.
struct Selection {
  std::bitset<kEventCount> events;
  std::string comm;
  std::int64_t pid = -1;
  std::string container;  // "any", or the beginning of an id
  std::int64_t min_duration_ns = 0;

  [[nodiscard]] bool takes(const EventView& event) const {
    if (!events[static_cast<std::size_t>(event.type())]) {
      return false;
    }
    if (pid >= 0 && event.value(FieldId::process_pid).integer() != pid) {
      return false;
    }
    if (!comm.empty() && event.value(FieldId::process_thread_name).string() != comm) {
      return false;
    }
    if (!container.empty()) {
      const Value id = event.value(FieldId::container_id);
      if (!id.has_value() || (container != "any" && !id.string().starts_with(container))) {
        return false;
      }
    }
    return event.type() != EventType::exit || event.value(FieldId::event_duration).integer() >= min_duration_ns;
  }
};

Result<std::bitset<kEventCount>> parse_events(std::string_view text) {
  std::bitset<kEventCount> wanted;
  std::vector<std::string_view> names;
  for (const EventInfo& event : events()) {
    if (event.type != EventType::none && event.ring != Ring::none) {
      names.push_back(event.name);
    }
  }
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view name = text.substr(0, comma);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      const std::string_view near = nearest(name, names);
      return fail("unknown event " + std::string(name.empty() ? "\"\"" : name),
                  near.empty() ? "bongsu events lists them" : "did you mean " + std::string(near) + "?");
    }
    wanted.set(static_cast<std::size_t>(*find_event(name)));
    if (comma == std::string_view::npos) {
      return wanted;
    }
    text.remove_prefix(comma + 1);
  }
}

Result<std::int64_t> parse_duration(std::string_view flag, const std::string& text) {
  std::int64_t ns = 0;
  if (!text.empty() && !parse_duration_ns(text, ns)) {
    return fail(std::string(flag) + ": " + text + " is no time", "a number with a unit, as 500ms, 10s or 2m");
  }
  return ns;
}

int usage(const Error& error) {
  print_error(error);
  return kUsage;
}

// Writes events until a limit or a signal; the state of one `bongsu trace`.
class Trace {
 public:
  Trace(Selection selection, std::uint64_t count, bool json, std::function<bool()> give_up)
      : selection_(std::move(selection)), count_(count), json_(json), out_(STDOUT_FILENO, std::move(give_up)) {}

  [[nodiscard]] bool done() const { return out_.broken() || (count_ > 0 && shown_ >= count_); }
  [[nodiscard]] std::uint64_t shown() const { return shown_; }
  [[nodiscard]] LineWriter& out() { return out_; }

  void begin() {
    if (!json_) {
      append_trace_header(out_.buffer());
      out_.flush();
    }
  }

  void on_event(const EventView& event) {
    if (done() || !selection_.takes(event)) {
      return;
    }
    ++shown_;
    if (json_) {
      append_event_json(out_.buffer(), event);
      out_.buffer() += '\n';
    } else {
      append_trace_line(out_.buffer(), event);
    }
    out_.flush_if_full();
  }

 private:
  Selection selection_;
  std::uint64_t count_;
  bool json_;
  LineWriter out_;
  std::uint64_t shown_ = 0;
};

// "12 events shown, 0 lost", and a line for each kind of loss.
void print_summary(const Trace& trace, const EventSource& source) {
  std::uint64_t lost = source.malformed();
  std::string details;
  const bongsu_counters counters = source.sensor().counters();
  for (const EventInfo& event : events()) {
    for (std::size_t reason = 0; reason < BONGSU_LOSS_COUNT; ++reason) {
      const std::uint64_t count = counters.lost[static_cast<std::size_t>(event.type)][reason];
      if (count > 0) {
        lost += count;
        details += fmt::format("  lost {} {}: {}\n", count, event.name, to_string(static_cast<bongsu_loss>(reason)));
      }
    }
  }
  std::cerr << fmt::format("{} event{} shown, {} lost\n{}", trace.shown(), trace.shown() == 1 ? "" : "s", lost,
                           details);
}

int trace(const CommandLine& line, const TraceOptions& options) {
  const auto wanted = parse_events(options.events);
  if (!wanted) {
    return usage(wanted.error());
  }
  const auto min_duration = parse_duration("--min-duration", options.min_duration);
  const auto duration = parse_duration("--duration", options.duration);
  if (!min_duration || !duration) {
    return usage(min_duration ? duration.error() : min_duration.error());
  }
  if (Status log = set_up_log("warn", use_colour(line, "auto", line.stderr_is_terminal)); !log) {
    return usage(log.error());
  }
  const auto signals = Signals::block();
  if (!signals) {
    return print_error(signals.error());
  }
  const bool json = options.format == "json" || (options.format == "auto" && !line.stdout_is_terminal);
  const SystemClock clock;
  std::int64_t end_ns = INT64_MAX;
  bool stopping = false;  // once a reader that is slow was given up, it is not waited for again
  Trace state({*wanted, options.comm, options.pid, options.container, *min_duration}, options.count, json,
              [&] { return stopping = stopping || signals->pending() || clock.boot_ns() >= end_ns; });
  SensorOptions sensor;
  sensor.events = *wanted;
  sensor.transport = options.transport == "ring"   ? TransportKind::ring
                     : options.transport == "perf" ? TransportKind::perf
                                                   : TransportKind::automatic;
  auto source = EventSource::open(sensor, clock, [&state](const EventView& event) { state.on_event(event); });
  if (!source) {
    return print_error(source.error());
  }
  for (const HookChoice& choice : (*source)->sensor().plan()) {
    if (choice.hook == nullptr) {
      return print_error({"no way to see " + std::string(info(choice.event).name) + " here", choice.refused});
    }
  }
  state.begin();
  if (Status learnt = (*source)->snapshot(); !learnt) {
    return print_error(learnt.error());
  }
  std::cerr << "tracing " << options.events << "; Ctrl-C ends it\n";
  if (*duration > 0) {
    end_ns = clock.boot_ns() + *duration;
  }
  Status polled;
  while (polled && !state.done() && !stopping && !signals->pending() && clock.boot_ns() < end_ns) {
    constexpr std::int64_t kTickNs = 200'000'000;
    constexpr std::int64_t kMillisecondNs = 1'000'000;
    const std::int64_t wait_ns = std::clamp<std::int64_t>(end_ns - clock.boot_ns(), 0, kTickNs);
    polled = (*source)->poll(static_cast<int>(wait_ns / kMillisecondNs), signals->fd());
    state.out().flush();
  }
  (*source)->finish();
  state.out().flush();
  print_summary(state, **source);
  if (state.out().dropped_bytes() > 0) {
    std::cerr << fmt::format("  {} bytes of output were not taken by the reader\n", state.out().dropped_bytes());
  }
  if (!polled) {
    return print_error(polled.error());
  }
  return state.out().broken() ? print_error({"cannot write to standard output", state.out().why()}) : kOk;
}

}  // namespace

void add_trace_command(CommandLine& line) {
  CLI::App* command =
      add_command(line.app, "trace", "Print events as they happen, without rules",
                  "  sudo bongsu trace exec                             every program that starts\n"
                  "  sudo bongsu trace exec,exit --container any        what containers run, and for how long\n"
                  "  sudo bongsu trace exit --min-duration 10ms --comm make\n"
                  "  sudo bongsu trace exec,fork,exit --format json --count 100 | jq .process.command_line\n\n"
                  "Ctrl-C ends it; how many events were shown and lost is then printed on stderr.");
  auto options = std::make_shared<TraceOptions>();
  command->add_option("events", options->events, "Events, comma-separated: exec, fork, exit, ... (bongsu events)")
      ->required();
  command->add_option("--comm", options->comm, "Only threads with this comm");
  command->add_option("--pid", options->pid, "Only this process")->check(CLI::NonNegativeNumber);
  command->add_option("--container", options->container, "Only containers: any, or the beginning of an id");
  command->add_option("--min-duration", options->min_duration, "Of exits only those that lived this long, as 10ms");
  command->add_option("--duration", options->duration, "Stop after this time, as 10s");
  command->add_option("--count", options->count, "Stop after this many events")->check([](const std::string& text) {
    return text.find_first_not_of("0123456789") == std::string::npos && text.find_first_not_of('0') != std::string::npos
               ? std::string()
               : text + " is no count: 1 or more";
  });
  command->add_option("--format", options->format, "text (the default on a terminal) or json, one object a line")
      ->check(CLI::IsMember({"auto", "text", "json"}));
  command->add_option("--transport", options->transport, "How records leave the kernel")
      ->check(CLI::IsMember({"auto", "ring", "perf"}))
      ->capture_default_str();
  command->callback([&line, options] { line.action = [&line, options] { return trace(line, *options); }; });
}

}  // namespace bongsu
