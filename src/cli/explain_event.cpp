// SPDX-License-Identifier: Apache-2.0
#include "cli/explain_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/strings.h"
#include "cli/command_line.h"
#include "rules/event_json_reader.h"
#include "rules/explain.h"
#include "rules/explain_events.h"
#include "rules/report.h"
#include "rules/rule_state.h"

namespace bongsu {
namespace {

using Events = std::vector<JsonEventView>;

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

Result<std::string> read_text(const std::string& path) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string text;
  text.resize(kMaxBytes + 1);
  if (!in || (in.read(text.data(), static_cast<std::streamsize>(text.size())), in.bad())) {
    return fail("cannot read events from " + path);
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMaxBytes) {
    return fail(path + " is larger than " + std::to_string(kMaxBytes >> 20) + " MiB",
                "for logs there is rules test --against");
  }
  return text;
}

// A value that is no field is told: in a hand-written event it is a typo, and the rule would be blamed for it.
Status take(const JsonNode& node, EventType fallback, Events& out) {
  Result<ReadEvent> read = read_event_json(node, fallback);
  if (!read) {
    return tl::make_unexpected(read.error());
  }
  std::vector<std::string_view> names;
  for (const FieldInfo& field : fields()) {
    names.push_back(field.name);
  }
  for (const std::string& name : read->unknown) {
    const std::string hint = did_you_mean(name, names);
    std::string line = "bongsu: note: " + name + " is no field of an event" + (hint.empty() ? "" : ": " + hint);
    std::string printable;
    append_printable(printable, line);
    std::cerr << printable + "\n";
  }
  out.push_back(std::move(read->event));
  return {};
}

// One object, an array of them, or a line each.
Result<Events> read_events(const std::string& path, EventType fallback) {
  const Result<std::string> text = read_text(path);
  if (!text) {
    return tl::make_unexpected(text.error());
  }
  Events events;
  const auto failed = [&](const Error& error) { return fail(path + ": " + error.message, error.hint); };
  const Result<JsonDocument> whole = JsonDocument::parse(*text);
  if (whole && whole->root().kind == JsonNode::Kind::array) {
    for (const JsonNode& item : whole->root().items) {
      if (Status taken = take(item, fallback, events); !taken) {
        return failed(taken.error());
      }
    }
  } else if (whole) {
    if (Status taken = take(whole->root(), fallback, events); !taken) {
      return failed(taken.error());
    }
  } else {
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) {
        continue;
      }
      const Result<JsonDocument> document = JsonDocument::parse(line);
      if (!document) {
        return failed(whole.error());
      }
      if (Status taken = take(document->root(), fallback, events); !taken) {
        return failed(taken.error());
      }
    }
  }
  if (events.empty()) {
    return fail(path + ": there is no event");
  }
  return events;
}

void append_event_verdict(std::string& out, const ir::Rule& rule, const JsonEventView& event) {
  bool about = false;
  for (std::size_t i = 0; i < rule.steps.size(); ++i) {
    const ir::Step& step = rule.steps[i];
    if (std::ranges::find(step.events, event.type()) == step.events.end()) {
      continue;
    }
    about = true;
    if (rule.head.sequence) {
      out += fmt::format("Step {}\n", i + 1);
      for (const StepReference& reference : rule.head.sequence->steps.at(i).references) {
        out += fmt::format("  ?    {} is that of step {}'s {}\n", info(reference.field).name, reference.step + 1,
                           info(reference.source).name);
      }
    }
    append_tree(out, judge_condition(step.match, event), event, 0);
  }
  if (!about) {
    out += fmt::format("no   the event is {}, which the rule is not about\n", info(event.type()).name);
    return;
  }
  for (std::size_t i = 0; i < rule.exceptions.size(); ++i) {
    const bool named = i < rule.head.exceptions.size();
    out += fmt::format("Exception {}\n", named ? rule.head.exceptions[i].name : std::to_string(i + 1));
    append_tree(out, judge_condition(rule.exceptions[i], event), event, 0);
  }
}

}  // namespace

int explain_on_events(const LoadedRules& loaded, const ir::Rule& rule, const std::string& path) {
  const auto events = read_events(path, rule.head.events.size() == 1 ? rule.head.events.front() : EventType::none);
  if (!events) {
    return print_error(events.error());
  }
  std::string out;
  RuleState state(loaded.rules);
  std::size_t fired_at = 0;
  for (std::size_t i = 0; i < events->size(); ++i) {
    if (events->size() > 1) {
      out += fmt::format("Event {} ({})\n", i + 1, info((*events)[i].type()).name);
    }
    append_event_verdict(out, rule, (*events)[i]);
    state.judge((*events)[i], [&](const Rule& other) {
      if (other.id == rule.head.id && fired_at == 0) {
        fired_at = i + 1;
      }
    });
  }
  const std::string reason = why(rule, *events, fired_at != 0);
  out += rule.head.id + (fired_at == 0 ? " does not fire" : " fires");
  out += fired_at == 0 || events->size() == 1 ? "" : " at event " + std::to_string(fired_at);
  out += (reason.empty() ? "" : ": " + reason) + "\n";
  const int printed = print_output(out);
  return fired_at != 0 ? printed : kFailure;
}

}  // namespace bongsu
