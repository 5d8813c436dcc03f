// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/version.h"
#include "cli/api_place.h"
#include "cli/command_line.h"
#include "cli/logging.h"
#include "cli/pipeline.h"
#include "cli/record_flags.h"
#include "cli/rules_keeper.h"
#include "cli/signals.h"
#include "config/listen.h"
#include "config/load.h"
#include "confine/capabilities.h"
#include "control/server.h"
#include "rules/engine.h"
#include "sensor/preflight.h"
#include "sensor/probe_object.h"

namespace bongsu {
namespace {

namespace fs = std::filesystem;

// A flag that sets one key of the configuration: read, checked and refused as the file would be.
struct KeyFlag {
  const char* name;
  const char* key;
  const char* doc;
  bool repeatable;
};
constexpr std::array kKeyFlags = {
    KeyFlag{"--rules", "rules", "A rule file, or a directory of them; replaces the configured ones (repeatable)", true},
    KeyFlag{"--webhook", "webhooks", "POST each alert to this URL, besides the configured ones (repeatable)", true},
    KeyFlag{"--format", "stdout.format", "json, one object a line, or text (the default on a terminal)", false},
    KeyFlag{"--min-severity", "stdout.min_severity", "info, low, medium, high or critical: for stdout", false},
    KeyFlag{"--scope", "sensor.scope", "all, containers or host: whose events are judged", false},
    KeyFlag{"--transport", "sensor.transport", "auto, ring or perf: how records leave the kernel", false},
    KeyFlag{"--hooks", "sensor.hooks", "auto, tracepoint, fentry or syscall: one kind of hooks alone is for tests",
            false},
    KeyFlag{"--listen", "http.listen", "Address of /healthz, /readyz and /metrics, or off", false},
};

struct RunOptions {
  std::string config;
  std::string log_level = "info";
  std::string colour = "auto";
  RecordFlags record;
  std::array<std::vector<std::string>, kKeyFlags.size()> keys;
};

Status apply_flags(Config& config, const RunOptions& options) {
  for (std::size_t i = 0; i < kKeyFlags.size(); ++i) {
    const KeyFlag& flag = kKeyFlags[i];
    if (!options.keys[i].empty() && std::string_view(flag.key) == "rules") {
      config.rules.clear();
    }
    for (const std::string& text : options.keys[i]) {
      const Status set = flag.repeatable ? add_config(config, flag.key, text) : set_config(config, flag.key, text);
      if (!set) {
        return fail(std::string(flag.name) + ": " + set.error().message, set.error().hint);
      }
    }
  }
  return {};
}

// The default directories need not be there both; what was named must be.
Result<std::vector<fs::path>> rule_paths(const Config& config) {
  std::vector<fs::path> paths(config.rules.begin(), config.rules.end());
  if (config.rules == Config{}.rules) {
    std::erase_if(paths, [](const fs::path& path) {
      std::error_code error;
      return !fs::exists(path, error);
    });
    if (paths.empty()) {
      return fail("there are no rules: neither " + Config{}.rules[0] + " nor " + Config{}.rules[1] + " exists",
                  "name a rule file or directory with --rules PATH");
    }
  }
  return paths;
}

// From all sources, each over the one before; without secrets.
Result<Config> read_config(const ConfigFile& file, const Environment& environment, const RunOptions& options) {
  auto config = load_config(file, environment);
  if (!config) {
    return config;
  }
  const Status status = apply_flags(*config, options);
  return status ? std::move(config) : tl::make_unexpected(status.error());
}

Result<LoadedRules> read_rules(const Config& config) {
  const auto paths = rule_paths(config);
  if (!paths) {
    return tl::make_unexpected(paths.error());
  }
  return load_rules(*paths, SystemClock().wall_ns());
}

SensorOptions sensor_options(const Config& config, const Ruleset& rules) {
  SensorOptions options;
  options.events = rules.wanted();
  options.ring_bytes = static_cast<std::uint64_t>(config.sensor.ring_bytes);
  options.events_per_second = static_cast<std::uint64_t>(config.sensor.events_per_second);
  switch (config.sensor.hooks) {
    case SensorConfig::Hooks::automatic:
      break;
    case SensorConfig::Hooks::tracepoint:
      options.hooks = HookMode::tracepoint;
      break;
    case SensorConfig::Hooks::fentry:
      options.hooks = HookMode::fentry;
      break;
    case SensorConfig::Hooks::syscall:
      options.hooks = HookMode::syscall;
      break;
  }
  switch (config.sensor.transport) {
    case SensorConfig::Transport::automatic:
      options.transport = TransportKind::automatic;
      break;
    case SensorConfig::Transport::ring:
      options.transport = TransportKind::ring;
      break;
    case SensorConfig::Transport::perf:
      options.transport = TransportKind::perf;
      break;
  }
  return options;
}

TextStyle text_style(const CommandLine& line, const Config& config, const RunOptions& options) {
  using Format = StdoutConfig::Format;
  const Format format = config.stdout_alerts.format;
  if (format == Format::json || (format == Format::automatic && !line.stdout_is_terminal)) {
    return TextStyle::none;
  }
  return use_colour(line, options.colour, line.stdout_is_terminal) ? TextStyle::colour : TextStyle::plain;
}

// Null when nothing is masked.
Result<std::unique_ptr<Redactor>> make_redactor(const RedactConfig& config) {
  return config.enabled ? Redactor::make(config.patterns) : nullptr;
}

// Null when it is off.
Result<std::unique_ptr<ControlServer>> serve_control(const std::string& listen, const Pipeline& pipeline) {
  const auto address = parse_listen(listen);
  if (!address) {
    return tl::make_unexpected(address.error());
  }
  if (!*address) {
    return nullptr;
  }
  auto server = ControlServer::bind(
      (*address)->host, (*address)->port,
      {.ready = [&pipeline] { return pipeline.ready(); }, .metrics = [&pipeline] { return pipeline.metrics(); }});
  if (!server) {
    return tl::make_unexpected(server.error());
  }
  if (Status serving = (*server)->serve(); !serving) {
    return tl::make_unexpected(serving.error());
  }
  log::info("health and metrics at http://{}/metrics", (*server)->address());
  return std::move(*server);
}

// All of it while there is one thread: the later ones inherit what is left.
Result<std::string> confine(const Config& config, bool records) {
  const auto listen = parse_listen(config.http.listen);
  constexpr std::uint16_t kFirstFreePort = 1024;
  const bool perf = config.sensor.transport == SensorConfig::Transport::perf || !kernel_has_ring_buffer();
  return keep_needed_capabilities(
      {.locked_memory = perf,
       .low_port = listen && *listen && (*listen)->port != 0 && (*listen)->port < kFirstFreePort,
       .writes_files = records || !config.files.empty() || !config.spool_directory.empty() ||
                       !config.state.directory.empty() || !config.unix_sockets.empty()});
}

int run(const CommandLine& line, const RunOptions& options) {
  if (Status log = set_up_log(options.log_level, use_colour(line, options.colour, line.stderr_is_terminal)); !log) {
    print_error(log.error());
    return kUsage;
  }
  ConfigFile file;
  if (!options.config.empty()) {
    file = {.path = options.config, .required = true};
  }
  Config flags_alone;
  if (Status flags = apply_flags(flags_alone, options); !flags) {
    print_error(flags.error());
    return kUsage;
  }
  auto config = ConfigKeeper::open([&] { return read_config(file, line.environment, options); }, file.path);
  if (!config) {
    return print_error(config.error());
  }
  const SystemClock clock;
  auto rules = RulesKeeper::open([&config] { return read_rules(config->config()); },
                                 {config->config().rules.begin(), config->config().rules.end()}, clock.wall_ns());
  if (!rules) {
    return print_error(rules.error());
  }
  for (const PreflightCheck& check : preflight("/proc", "/sys")) {
    if (!check.status) {
      return print_error(check.status.error());
    }
  }
  // Before the first thread: all of them leave the signals to the loop.
  const auto signals = Signals::block();
  if (!signals) {
    return print_error(signals.error());
  }
  const auto kept =
      config->config().confine ? confine(config->config(), !options.record.file.empty()) : Result<std::string>("all");
  if (!kept) {
    return print_error(kept.error());
  }
  SystemRandom random;
  const std::string version_text(version());
  const auto redactor = make_redactor(config->config().redact);
  if (!redactor) {
    return print_error(redactor.error());
  }
  const AlertBuilder builder(
      {.version = version_text, .text = text_style(line, config->config(), options), .redactor = redactor->get()});
  auto sinks = LiveSinks::open(config->config(), {.stdout_fd = STDOUT_FILENO,
                                                  .stdout_is_terminal = line.stdout_is_terminal,
                                                  .version = version_text,
                                                  .clock = clock,
                                                  .random = random,
                                                  .environment = &line.environment});
  if (!sinks) {
    return print_error(sinks.error());
  }
  auto recorder = make_recorder(options.record, scope_name(config->config().sensor.scope));
  if (!recorder) {
    return print_error(recorder.error());
  }
  auto api = discover_api(api_place(config->config().kubernetes, line.environment));
  if (!api) {
    return print_error(api.error());
  }
  if (!api->options) {
    // Outside a cluster that is no news.
    const bool in_cluster = !config->config().kubernetes.node_name.empty();
    in_cluster ? log::info("labels and owners of pods are not asked for: {}", api->why_not)
               : log::debug("labels and owners of pods are not asked for: {}", api->why_not);
  }
  Pipeline pipeline({.config = *config,
                     .rules = *rules,
                     .builder = builder,
                     .sinks = *sinks,
                     .clock = clock,
                     .redactor = redactor->get(),
                     .recorder = recorder->get(),
                     .api = std::move(api->options),
                     // Who records may want to judge by other rules later.
                     .gates = config->config().sensor.kernel_filter && *recorder == nullptr,
                     .confine = config->config().confine});
  const auto server = serve_control(config->config().http.listen, pipeline);
  if (!server) {
    return print_error(server.error());
  }
  log::info("capabilities kept: {}", *kept);
  if (Status ran = pipeline.run(sensor_options(config->config(), *rules->rules()), *signals); !ran) {
    return print_error(ran.error());
  }
  // All alerts are out. The control server would wait for its clients, and they may be as slow as they like.
  log::flush();
  std::_Exit(kOk);
}

}  // namespace

void add_run_command(CommandLine& line) {
  CLI::App* command = add_command(
      line.app, "run", "Judge what happens on this host by rules; alerts go to stdout and to webhooks",
      "  sudo bongsu run --rules rules/\n"
      "  sudo bongsu run --rules rules/ --format json --min-severity medium >alerts.jsonl\n"
      "  sudo bongsu run --rules rules/ --scope containers --webhook http://127.0.0.1:8080/alerts\n"
      "  sudo bongsu run --config /etc/bongsu/config.json\n"
      "  sudo bongsu run --rules rules/ --record incident.rec\n\n"
      "Every flag stands over the BONGSU_ variable of its key, and that over the file. SIGTERM or Ctrl-C "
      "ends it: what has\n"
      "happened by then is still judged and delivered. The rules are read anew when their files change, and "
      "on SIGHUP.");
  auto options = std::make_shared<RunOptions>();
  command->add_option("--config", options->config,
                      "Configuration file (default /etc/bongsu/config.json, if it exists)");
  for (std::size_t i = 0; i < kKeyFlags.size(); ++i) {
    CLI::Option* option =
        command->add_option(kKeyFlags[i].name, options->keys[i], kKeyFlags[i].doc)->allow_extra_args(false);
    option->multi_option_policy(kKeyFlags[i].repeatable ? CLI::MultiOptionPolicy::TakeAll
                                                        : CLI::MultiOptionPolicy::TakeLast);
  }
  command->add_option("--record", options->record.file,
                      "Record what is judged into this new file, for bongsu replay: see bongsu record --help");
  add_record_flags(command, options->record, "--record-");
  command->add_option("--log-level", options->log_level, "debug, info, warn, error or off")->capture_default_str();
  command->add_option("--color", options->colour, "auto, always or never; NO_COLOR is respected")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  command->callback([&line, options] { line.action = [&line, options] { return run(line, *options); }; });
}

}  // namespace bongsu
