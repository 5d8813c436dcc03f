// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/judge.h"
#include "cli/line_writer.h"
#include "cli/signals.h"
#include "events/event_json.h"
#include "recording/replay.h"
#include "rules/engine.h"
#include "sinks/filter.h"

namespace bongsu {
namespace {

struct ReplayOptions {
  std::filesystem::path file;
  std::vector<std::filesystem::path> rules;
  bool events = false;
  std::string format = "auto";
  std::string colour = "auto";
  std::string min_severity = "info";
  std::string scope = "recorded";
};

// As `run` takes them, at the time when it did, for exceptions expire: a rule with an error is left out, and that is
// said.
Result<std::shared_ptr<const Ruleset>> read_rules(const std::vector<std::filesystem::path>& paths,
                                                  std::int64_t when_ns) {
  auto loaded = load_rules(paths, when_ns);
  if (!loaded) {
    return tl::make_unexpected(loaded.error());
  }
  for (const Diagnostic& diagnostic : loaded->diagnostics) {
    if (diagnostic.level == Diagnostic::Level::error) {
      print_error({"rule not in force", diagnostic.to_string()});
    }
  }
  if (!loaded->rules || loaded->rules->rules().empty()) {
    return fail("there is no good rule in " + paths.front().string(), "bongsu rules check shows every error");
  }
  return loaded->rules;
}

SensorConfig::Scope parse_scope(const std::string& name) {
  return name == "host"         ? SensorConfig::Scope::host
         : name == "containers" ? SensorConfig::Scope::containers
                                : SensorConfig::Scope::all;
}

TextStyle text_style(const CommandLine& line, const ReplayOptions& options) {
  if (options.format == "json" || (options.format == "auto" && !line.stdout_is_terminal)) {
    return TextStyle::none;
  }
  return use_colour(line, options.colour, line.stdout_is_terminal) ? TextStyle::colour : TextStyle::plain;
}

// What becomes of the events of one replay.
class Player {
 public:
  Player(const ReplayOptions& options, std::function<bool()> give_up)
      : out_(STDOUT_FILENO, std::move(give_up)),
        filter_{.min_severity = parse_severity(options.min_severity).value_or(Severity::info), .tags = {}} {}

  void print(const EventView& event) {
    append_event_json(out_.buffer(), event);
    out_.buffer() += '\n';
    out_.flush_if_full();
  }
  // As the sink of stdout does it.
  void deliver(const Alert& alert) {
    if (!filter_.wants(alert) || kept_) {
      return;
    }
    ++alerts_;
    out_.buffer() += alert.text.empty() ? alert.json : alert.text;
    out_.buffer() += '\n';
    out_.flush_if_full();
  }
  void on_agent(Judge& judge, const AgentEvent& event, std::string_view kept_from) {
    kept_ = kept_from == "stdout";  // the run did not tell it there either
    judge.on_agent(event);
    kept_ = false;
  }

  [[nodiscard]] LineWriter& out() { return out_; }
  [[nodiscard]] std::uint64_t alerts() const { return alerts_; }

 private:
  LineWriter out_;
  SinkFilter filter_;
  bool kept_ = false;
  std::uint64_t alerts_ = 0;
};

// On stderr; the exit code.
int report(const ReplaySummary& done, const std::vector<std::string>& masked, const Player& player, bool judged,
           double seconds, const std::string& file) {
  const double rate = seconds > 0 ? static_cast<double>(done.records) / seconds : 0;
  std::cerr << fmt::format("replayed {} records, {} events{}; {} bytes from {} in {:.2f} s, {:.0f} records/s\n",
                           done.records, done.events,
                           judged ? fmt::format(": {} alert{}", player.alerts(), player.alerts() == 1 ? "" : "s") : "",
                           done.bytes, done.file_bytes, seconds, rate);
  const auto warn = [](std::uint64_t count, std::string_view what) {
    if (count > 0) {
      std::cerr << fmt::format("  {} {}\n", count, what);
    }
  };
  warn(done.lost_events, "events never reached the recording: the kernel's buffers were full");
  warn(done.lost_frames, "frames are missing: the disk was too slow; what follows them may differ from the run");
  warn(done.unanswered, "questions about processes and cgroups have no answer in the recording");
  warn(done.reloads, "times the rules were read anew while it was recorded: here they are the same all along");
  if (!masked.empty()) {
    std::cerr << fmt::format("  masked as it was made: {}; conditions on that are false here, exceptions by it too\n",
                             fmt::join(masked, ", "));
  }
  if (done.limit) {
    std::cerr << "  the recording ended because the file was as large as it could be (--max-bytes)\n";
  }
  return done.broken.empty() ? kOk : print_error({file + ": " + done.broken, "replayed up to the last whole frame"});
}

int replay(const CommandLine& line, const ReplayOptions& options) {
  if (options.rules.empty() && !options.events) {
    print_error({"nothing to do with " + options.file.string(), "name rules with --rules PATH, or use --events"});
    return kUsage;
  }
  auto recording = Replay::open(options.file);
  if (!recording) {
    return print_error(recording.error());
  }
  const RecordingHeader& header = (*recording)->header();
  const auto signals = Signals::block();
  if (!signals) {
    return print_error(signals.error());
  }
  // What made the alerts then words them now.
  const AlertBuilder builder({.version = header.program, .text = text_style(line, options)});
  Player player(options, [&signals] { return signals->pending(); });
  std::optional<Judge> judge;
  if (!options.events) {
    auto rules = read_rules(options.rules, header.begun_ns);
    if (!rules) {
      return print_error(rules.error());
    }
    judge.emplace(*rules, parse_scope(options.scope == "recorded" ? header.scope : options.scope), builder,
                  [&player](const std::shared_ptr<const Alert>& alert) { player.deliver(*alert); });
  }
  Replay::Handlers handlers;
  handlers.stop = [&] { return signals->pending() || player.out().broken(); };
  handlers.on_event = [&](const LiveEvent& event) {
    if (judge) {
      judge->on_event(event);
    } else {
      player.print(event);
    }
  };
  handlers.on_agent = [&](const AgentEvent& event, std::string_view kept_from) {
    if (judge) {
      player.on_agent(*judge, event, kept_from);
    } else {
      player.print(event);
    }
  };
  handlers.on_tick = [&](std::int64_t, std::int64_t wall_ns) {
    if (judge) {
      judge->tick(wall_ns);
    }
  };
  handlers.on_flush = [&] {
    if (judge) {
      judge->flush();
    }
  };
  const auto begun = std::chrono::steady_clock::now();
  const ReplaySummary done = (*recording)->run(handlers);
  handlers.on_flush();  // of a file that breaks off
  player.out().flush();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  if (player.out().broken()) {
    return print_error({"cannot write to standard output", player.out().why()});
  }
  return report(done, (*recording)->header().masked, player, judge.has_value(), took.count(), options.file.string());
}

}  // namespace

void add_replay_command(CommandLine& line) {
  CLI::App* command = add_command(
      line.app, "replay", "Judge a recording by rules: the alerts are those that the run gave, or would have given",
      "  bongsu replay incident.rec --rules rules/ >alerts.jsonl\n"
      "  bongsu replay incident.rec --rules new-rule.json --format text --min-severity medium\n"
      "  bongsu replay incident.rec --events | jq -r 'select(.event.action == \"exec\") | .process.command_line'\n\n"
      "Needs no root. The same rules give the same alerts as the run did, byte for byte, unless it was told other "
      "rules while\nit ran, or fields were masked. Exits 1 when the file breaks off; what it holds is judged all the "
      "same.");
  auto options = std::make_shared<ReplayOptions>();
  command->add_option("file", options->file, "A recording, of bongsu record or bongsu run --record")->required();
  command->add_option("--rules", options->rules, "A rule file, or a directory of them (repeatable)")
      ->allow_extra_args(false);
  command->add_flag("--events", options->events, "Print the events, as trace --format json does, instead of judging");
  command->add_option("--format", options->format, "json, one object a line, or text (the default on a terminal)")
      ->check(CLI::IsMember({"auto", "json", "text"}));
  command->add_option("--min-severity", options->min_severity, "info, low, medium, high or critical")
      ->check(CLI::IsMember(std::vector<std::string>(kSeverityNames.begin(), kSeverityNames.end())))
      ->capture_default_str();
  command->add_option("--scope", options->scope, "all, containers or host: whose events are judged")
      ->check(CLI::IsMember({"recorded", "all", "containers", "host"}))
      ->capture_default_str();
  command->add_option("--color", options->colour, "auto, always or never; NO_COLOR is respected")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  command->callback([&line, options] { line.action = [&line, options] { return replay(line, *options); }; });
}

}  // namespace bongsu
