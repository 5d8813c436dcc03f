// SPDX-License-Identifier: Apache-2.0
#include "alert/text.h"

#include <algorithm>

#include "base/strings.h"
#include "events/event_json.h"

namespace bongsu {
namespace {

// A few lines of a terminal: the JSON has it all.
constexpr std::size_t kMaxMessageBytes = 500;
constexpr std::size_t kMaxValueBytes = 300;
constexpr std::size_t kShortContainerId = 12;  // as docker and crictl print it

struct Face {
  std::string_view word;    // all as long as the longest
  std::string_view colour;  // ECMA-48 SGR
};

Face face(Severity severity) {
  switch (severity) {
    case Severity::info:
      return {"INFO    ", "\x1b[2m"};
    case Severity::low:
      return {"LOW     ", "\x1b[36m"};
    case Severity::medium:
      return {"MEDIUM  ", "\x1b[33m"};
    case Severity::high:
      return {"HIGH    ", "\x1b[31m"};
    case Severity::critical:
      return {"CRITICAL", "\x1b[1;31m"};
  }
  return {"?       ", ""};
}

std::string value_text(const EventView& event, FieldId field) {
  std::string text;
  append_value_text(text, event.value(field));
  return clipped(text, kMaxValueBytes);
}

void append_pair(std::string& line, std::string_view name, std::string_view value) {
  if (!value.empty()) {
    line += line.empty() ? "    " : "  ";
    line += name;
    line += '=';
    line += value;
  }
}

// "nginx[812]", or the half of it that is known.
std::string process_text(const EventView& event, FieldId name, FieldId pid) {
  const std::string number = value_text(event, pid);
  return value_text(event, name) + (number.empty() ? "" : "[" + number + "]");
}

// By name where it is known: whoever reads it looks for the workload.
std::string pod_text(const EventView& event) {
  const std::string name = value_text(event, FieldId::k8s_pod_name);
  if (name.empty()) {
    return value_text(event, FieldId::k8s_pod_uid);
  }
  const std::string space = value_text(event, FieldId::k8s_namespace_name);
  return space.empty() ? name : space + '/' + name;
}

std::string container_text(const EventView& event) {
  const std::string name = value_text(event, FieldId::container_name);
  return name.empty() ? value_text(event, FieldId::container_id).substr(0, kShortContainerId) : name;
}

std::string image_text(const EventView& event) {
  const std::string tag = value_text(event, FieldId::container_image_tag);
  return value_text(event, FieldId::container_image_name) + (tag.empty() ? "" : ":" + tag);
}

}  // namespace

std::string clipped(std::string_view text, std::size_t most) {
  constexpr std::string_view kMark = "...";
  if (text.size() <= most) {
    return std::string(text);
  }
  std::size_t end = most - std::min(most, kMark.size());
  // Back over continuation bytes (10xxxxxx), at most the three that a character can have.
  for (int back = 0; back < 3 && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U; ++back) {
    --end;
  }
  return std::string(text.substr(0, end)).append(kMark);
}

void append_alert_text(std::string& out, const EventView& event, const Rule& rule, std::string_view message,
                       bool colour) {
  if (const Value when = event.value(FieldId::timestamp); when.has_value()) {
    std::string time;
    append_timestamp(time, when.integer());
    out += time.substr(0, sizeof "2026-11-21T07:34:20.123" - 1);
    out += "Z ";
  }
  const auto [word, sequence] = face(rule.severity);
  out += colour ? sequence : "";
  out += word;
  out += colour ? "\x1b[0m " : " ";
  append_printable(out, rule.name.empty() ? rule.id : rule.name);
  if (!message.empty()) {
    out += ": ";
    std::string printable;
    append_printable(printable, message);
    out += clipped(printable, kMaxMessageBytes);
  }

  std::string line;
  append_pair(line, "pod", pod_text(event));
  append_pair(line, "container", container_text(event));
  append_pair(line, "image", image_text(event));
  append_pair(line, "process", process_text(event, FieldId::process_executable, FieldId::process_pid));
  append_pair(line, "parent", process_text(event, FieldId::process_parent_name, FieldId::process_parent_pid));
  append_pair(line, "user", value_text(event, FieldId::process_user_id));
  append_pair(line, "command", value_text(event, FieldId::process_command_line));
  if (!line.empty()) {
    out += '\n';
    out += line;
  }
}

}  // namespace bongsu
