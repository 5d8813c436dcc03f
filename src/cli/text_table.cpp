// SPDX-License-Identifier: Apache-2.0
#include "cli/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>

#include "events/event_json.h"

namespace bongsu {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kNameColumns = 15;       // TASK_COMM_LEN of linux/sched.h, without its NUL
constexpr std::size_t kContainerColumns = 12;  // of an id, as container tools show it

// Bytes are columns here: what is not ASCII is shown as it is in names and counted as if each byte took one, so a line
// is never too wide.
std::string cut(std::string text, std::size_t columns) {
  constexpr std::string_view kCut = "...";
  if (text.size() <= columns) {
    return text;
  }
  std::size_t end = columns - kCut.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {  // not inside a UTF-8 sequence
    --end;
  }
  text.resize(end);
  return text.append(kCut);
}

std::string text_of(const EventView& event, FieldId id) {
  std::string out;
  append_value_text(out, event.value(id));
  return out;
}

std::string integer_of(const EventView& event, FieldId id) {
  const Value value = event.value(id);
  return value.has_value() ? std::to_string(value.integer()) : "-";
}

// Local time of day, as a person at the terminal reads it.
std::string time_of_day(const EventView& event) {
  const std::int64_t ns = event.value(FieldId::timestamp).integer();
  const std::time_t seconds = ns / 1'000'000'000;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return fmt::format("{:02}:{:02}:{:02}.{:03}", local.tm_hour, local.tm_min, local.tm_sec, ns / 1'000'000 % 1'000);
}

std::string duration_text(std::int64_t ns) {
  if (ns < 1'000'000'000) {
    return fmt::format("{:.2f} ms", static_cast<double>(ns) / 1e6);
  }
  return fmt::format("{:.2f} s", static_cast<double>(ns) / 1e9);
}

std::string detail(const EventView& event) {
  switch (event.type()) {
    case EventType::exec:
    case EventType::fork:
      return text_of(event, FieldId::process_command_line);
    case EventType::exit: {
      const Value signal = event.value(FieldId::process_exit_signal);
      return (signal.has_value() ? std::string(signal.string())
                                 : "code " + integer_of(event, FieldId::process_exit_code)) +
             " after " + duration_text(event.value(FieldId::event_duration).integer());
    }
    case EventType::rename_comm:
      return text_of(event, FieldId::process_previous_thread_name) + " -> " +
             text_of(event, FieldId::process_thread_name);
    case EventType::container_start:
    case EventType::container_stop: {
      std::string text = text_of(event, FieldId::container_id);
      const std::string pod = text_of(event, FieldId::k8s_pod_uid);
      return pod.empty() ? text : text + " pod " + pod;
    }
    default:
      return {};
  }
}

void append_columns(std::string& out, std::string_view time, std::string_view event, std::string_view pid,
                    std::string_view ppid, std::string_view uid, std::string_view container, std::string_view name,
                    const std::string& rest) {
  const std::size_t begin = out.size();
  fmt::format_to(std::back_inserter(out), "{:<12} {:<6} {:>7} {:>7} {:>5} {:<12} {:<15} ", time, event, pid, ppid, uid,
                 container, name);
  out += cut(rest, kColumns - std::min(kColumns, out.size() - begin));
  while (out.back() == ' ') {
    out.pop_back();
  }
  out += '\n';
}

// "container_start" is too wide for its column.
std::string_view short_name(EventType type) {
  switch (type) {
    case EventType::rename_comm:
      return "rename";
    case EventType::container_start:
      return "cstart";
    case EventType::container_stop:
      return "cstop";
    default:
      return info(type).name;
  }
}

}  // namespace

void append_trace_header(std::string& out) {
  append_columns(out, "TIME", "EVENT", "PID", "PPID", "UID", "CONTAINER", "NAME", "WHAT");
}

void append_trace_line(std::string& out, const EventView& event) {
  const std::string container = text_of(event, FieldId::container_id);
  append_columns(out, time_of_day(event), short_name(event.type()), integer_of(event, FieldId::process_pid),
                 integer_of(event, FieldId::process_parent_pid), integer_of(event, FieldId::process_user_id),
                 container.empty() ? std::string("-") : container.substr(0, kContainerColumns),
                 cut(text_of(event, FieldId::process_name), kNameColumns), detail(event));
}

}  // namespace bongsu
