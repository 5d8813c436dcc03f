// SPDX-License-Identifier: Apache-2.0
//
// `bongsu alerts render`: what a webhook would be sent, to look at before it is.
#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iostream>
#include <istream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/version.h"
#include "cli/alerts_command.h"
#include "payload/alert_line.h"
#include "payload/registry.h"

namespace bongsu {
namespace {

struct RenderOptions {
  std::string file;
  std::string format = "json";
  std::string template_file;
  std::string index;
  std::size_t batch = 1;
};

Error in_file(const std::string& path) {
  return {"cannot read " + path, "name a file that is there, or - for standard input"};
}

// Prints bodies as they fill, so that any number of alerts takes the memory of one body.
class Renderer {
 public:
  Renderer(PayloadFormat& format, std::size_t most) : format_(format), most_(std::min(most, format.most_alerts())) {}

  int add(Alert alert) {
    alerts_.push_back(std::make_shared<const Alert>(std::move(alert)));
    return alerts_.size() < most_ ? kOk : finish();
  }

  int finish() {
    if (alerts_.empty()) {
      return kOk;
    }
    std::string body = format_.body(alerts_);
    alerts_.clear();
    return print_output(body.ends_with('\n') ? body : body.append("\n"));
  }

 private:
  PayloadFormat& format_;
  std::size_t most_;
  std::vector<std::shared_ptr<const Alert>> alerts_;
};

int render_lines(std::istream& in, const std::string& name, Renderer& renderer) {
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) {
      continue;
    }
    auto alert = read_alert(line);
    if (!alert) {
      renderer.finish();
      return print_error({name + ":" + std::to_string(number) + ": " + alert.error().message, alert.error().hint});
    }
    if (const int code = renderer.add(std::move(*alert)); code != kOk) {
      return code;
    }
  }
  return renderer.finish();
}

int render(const RenderOptions& options) {
  PayloadOptions payload;
  payload.version = version();
  payload.name = "render";
  payload.batched = options.batch > 1;
  payload.index = options.index;
  if (!options.template_file.empty()) {
    std::ifstream in(options.template_file, std::ios::binary);
    payload.template_json.assign(std::istreambuf_iterator<char>(in), {});
    if (!in) {
      return print_error(in_file(options.template_file));
    }
  }
  const auto format = make_payload_format(options.format, payload);
  if (!format) {
    return print_error(format.error());
  }
  Renderer renderer(**format, options.batch);
  if (options.file == "-") {
    return render_lines(std::cin, "standard input", renderer);
  }
  std::ifstream in(options.file, std::ios::binary);
  return in ? render_lines(in, options.file, renderer) : print_error(in_file(options.file));
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const PayloadKind& kind : payload_kinds()) {
    names.emplace_back(kind.name);
  }
  return names;
}

}  // namespace

void add_alerts_render(CommandLine& line, CLI::App& alerts) {
  CLI::App* command =
      add_command(alerts, "render", "Print the bodies that a webhook would be sent for these alerts",
                  "  bongsu alerts render --format slack alerts.jsonl\n"
                  "  bongsu alerts render --template page.json alerts.jsonl      try a template\n"
                  "  bongsu run --rules rules/ --format json | bongsu alerts render --format otlp -\n"
                  "  bongsu alerts render --format elastic --index logs-bongsu --batch 500 alerts.jsonl |\n"
                  "    curl -H 'Content-Type: application/x-ndjson' --data-binary @- http://127.0.0.1:9200/_bulk\n\n"
                  "Needs no root and sends nothing. docs/payloads.md tells what each format is for.");
  auto options = std::make_shared<RenderOptions>();
  command->add_option("file", options->file, "Alerts, one JSON object a line, as bongsu run writes them; - for stdin")
      ->required();
  CLI::Option* format = command->add_option("--format", options->format, "The form, as webhooks[].format names it")
                            ->check(CLI::IsMember(format_names()))
                            ->capture_default_str();
  command->add_option("--template", options->template_file, "A file with the template; implies --format template");
  command->add_option("--index", options->index, "Of --format elastic: the index or data stream");
  command->add_option("--batch", options->batch, "How many alerts a body holds at most, as webhooks[].batch.max_alerts")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000}))
      ->capture_default_str();
  command->callback([&line, options, format] {
    if (!options->template_file.empty() && format->count() == 0) {
      options->format = "template";
    }
    line.action = [options] {
      if (!options->template_file.empty() && options->format != "template") {
        print_error({"a template for the format " + options->format, "leave one of --template and --format away"});
        return kUsage;
      }
      return render(*options);
    };
  });
}

}  // namespace bongsu
