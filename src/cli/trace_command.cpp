// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/ioctl.h>
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
#include "cli/trace_selection.h"
#include "cli/trace_summary.h"
#include "events/event_json.h"
#include "sensor/probe_set.h"

namespace bongsu {
namespace {

struct TraceOptions {
  std::string events;
  std::string comm;
  std::optional<std::uint32_t> pid;
  bool descendants = false;
  std::optional<std::uint32_t> uid;
  std::string container;
  std::string where = "all";
  std::string min_duration;
  std::string duration;
  std::string format = "auto";
  std::string transport = "auto";
  std::string hooks = "auto";
  std::uint64_t count = 0;  // 0: no limit
  bool summary = false;
};

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

// Of a terminal that is wider than the table; else the table's.
std::size_t terminal_columns() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? std::max<std::size_t>(kTraceColumns, size.ws_col)
                                                        : kTraceColumns;
}

// Writes events until a limit or a signal; the state of one `bongsu trace`.
class Trace {
 public:
  Trace(TraceSelection selection, std::uint64_t count, bool json, std::function<bool()> give_up)
      : selection_(std::move(selection)), count_(count), json_(json), out_(STDOUT_FILENO, std::move(give_up)) {}

  // Before the first event: what the kernel side is told on the way.
  void use(EventSource& source) { source_ = &source; }
  [[nodiscard]] bool done() const { return out_.broken() || (count_ > 0 && shown_ >= count_); }
  [[nodiscard]] std::uint64_t shown() const { return shown_; }
  [[nodiscard]] LineWriter& out() { return out_; }

  void begin() {
    if (!json_) {
      append_trace_header(out_.buffer());
      out_.flush();
    }
  }

  void on_event(const LiveEvent& event) {
    if (selection_.follow(event)) {
      source_->sensor().follow(event.record().task().pid);
    }
    if (!done() && selection_.takes(event)) {
      show(event);
    } else if (event.placed() && !selection_.in_place(event)) {
      source_->sensor().mute(cgroup_key(event.record().task()));
    }
    selection_.forget(event);
  }

 private:
  void show(const EventView& event) {
    ++shown_;
    if (json_) {
      append_event_json(out_.buffer(), event);
      out_.buffer() += '\n';
    } else {
      append_trace_line(out_.buffer(), event, columns_);
    }
    out_.flush_if_full();
  }

  TraceSelection selection_;
  std::uint64_t count_;
  bool json_;
  LineWriter out_;
  std::uint64_t shown_ = 0;
  EventSource* source_ = nullptr;
  std::size_t columns_ = terminal_columns();
};

// What the flags say, as the selection in user space and the filter of the kernel side.
Result<TraceSelection> select(const TraceOptions& options, SensorOptions& sensor) {
  TraceSelection selection;
  const auto wanted = parse_events(options.events);
  if (!wanted) {
    return tl::make_unexpected(wanted.error());
  }
  selection.events = *wanted;
  sensor.events = *wanted;
  const auto min_duration = parse_duration("--min-duration", options.min_duration);
  if (!min_duration) {
    return tl::make_unexpected(min_duration.error());
  }
  selection.min_duration_ns = *min_duration;
  selection.comm = sensor.filter.comm = options.comm;
  selection.uid = sensor.filter.uid = options.uid;
  selection.container = options.container;
  selection.where = options.where == "host"         ? TraceSelection::Namespace::host
                    : options.where == "containers" ? TraceSelection::Namespace::containers
                                                    : TraceSelection::Namespace::all;
  if (options.descendants && !options.pid) {
    return fail("--descendants needs a process", "add --pid PID");
  }
  if (options.pid) {
    sensor.filter.follow = options.descendants ? descendants_of("/proc", *options.pid) : std::vector{*options.pid};
    sensor.filter.follow_children = options.descendants;
    selection.only(sensor.filter.follow, options.descendants);
  }
  sensor.filter.summary = options.summary;
  if (options.summary) {
    if ((*wanted & ~identity_events()).none()) {
      return fail("--summary has nothing to add up",
                  "it adds up calls, as of read, write, open, mmap; not exec, fork, exit");
    }
    if (!options.container.empty() || options.where != "all" || options.count > 0) {
      return fail("--summary cannot be limited by --container, --namespace or --count", "use --pid, --comm or --uid");
    }
  }
  sensor.events_per_second = 0;  // all that is asked for; what the rings cannot hold is told
  sensor.transport = options.transport == "ring"   ? TransportKind::ring
                     : options.transport == "perf" ? TransportKind::perf
                                                   : TransportKind::automatic;
  sensor.hooks = parse_hook_mode(options.hooks);
  return selection;
}

int trace(const CommandLine& line, const TraceOptions& options) {
  SensorOptions sensor;
  auto selection = select(options, sensor);
  const auto duration = parse_duration("--duration", options.duration);
  if (!selection || !duration) {
    return usage(selection ? duration.error() : selection.error());
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
  Trace state(std::move(*selection), options.count, json,
              [&] { return stopping = stopping || signals->pending() || clock.boot_ns() >= end_ns; });
  auto source = EventSource::open(sensor, clock, [&state](const LiveEvent& event) { state.on_event(event); });
  if (!source) {
    return print_error(source.error());
  }
  for (const HookChoice& choice : (*source)->sensor().plan()) {
    if (choice.hook == nullptr) {
      return print_error({"no way to see " + std::string(info(choice.event).name) + " here", choice.refused});
    }
  }
  state.use(**source);
  if (!options.summary) {
    state.begin();
  }
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
  if (options.summary) {
    state.out().buffer() += totals_text((*source)->sensor().totals(), json);
    state.out().flush();
  }
  std::cerr << loss_text(state.shown(), **source);
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
                  "  sudo bongsu trace exec,exec_failed,exit            and those that could not, and how they end\n"
                  "  sudo bongsu trace exec,exit --container any        what containers run, and for how long\n"
                  "  sudo bongsu trace exit --min-duration 10ms --comm make\n"
                  "  sudo bongsu trace file,network --pid 1234 --descendants\n"
                  "  sudo bongsu trace read,write --summary --duration 10s   who reads and writes how much\n"
                  "  sudo bongsu trace exec,fork,exit --format json --count 100 | jq .process.command_line\n\n"
                  "Ctrl-C ends it; how many events were shown and lost is then printed on stderr.");
  auto options = std::make_shared<TraceOptions>();
  command
      ->add_option("events", options->events,
                   "Events or families of them, comma-separated: exec,open or process,file (bongsu events)")
      ->required();
  command->add_option("--comm", options->comm, "Only threads with this comm");
  command->add_option("--pid", options->pid, "Only this process")->check(CLI::PositiveNumber);
  command->add_flag("--descendants", options->descendants, "With --pid: and all that come of it");
  command->add_option("--uid", options->uid, "Only processes with this effective user id")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--namespace", options->where, "host: no containers; containers: only those")
      ->check(CLI::IsMember({"all", "host", "containers"}))
      ->capture_default_str();
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
  command->add_flag("--summary", options->summary,
                    "No lines but a table at the end: calls, bytes and errors of each process, added up in the kernel");
  command->add_option("--hooks", options->hooks, "Only one kind of hooks, to see what it is worth")
      ->check(CLI::IsMember({"auto", "tracepoint", "fentry", "syscall"}))
      ->capture_default_str();
  command->add_option("--transport", options->transport, "How records leave the kernel")
      ->check(CLI::IsMember({"auto", "ring", "perf"}))
      ->capture_default_str();
  command->callback([&line, options] { line.action = [&line, options] { return trace(line, *options); }; });
}

}  // namespace bongsu
