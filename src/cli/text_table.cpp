// SPDX-License-Identifier: Apache-2.0
#include "cli/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>

#include "cli/event_detail.h"
#include "events/event_json.h"

namespace bongsu {
namespace {

constexpr std::size_t kNameColumns = 15;       // TASK_COMM_LEN of linux/sched.h, without its NUL
constexpr std::size_t kContainerColumns = 12;  // of an id, as container tools show it

}  // namespace

std::string cut_columns(std::string text, std::size_t columns) {
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

namespace {

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

void append_columns(std::string& out, std::string_view time, std::string_view event, std::string_view pid,
                    std::string_view ppid, std::string_view uid, std::string_view container, std::string_view name,
                    const std::string& rest, std::size_t columns) {
  const std::size_t begin = out.size();
  fmt::format_to(std::back_inserter(out), "{:<12} {:<8} {:>7} {:>7} {:>5} {:<12} {:<15} ", time, event, pid, ppid, uid,
                 container, name);
  out += cut_columns(rest, columns - std::min(columns, out.size() - begin));
  while (out.back() == ' ') {
    out.pop_back();
  }
  out += '\n';
}

// Names that are too wide for the column.
std::string_view short_name(EventType type) {
  constexpr std::size_t kEventColumns = 8;
  switch (type) {
    case EventType::rename_comm:
      return "recomm";
    case EventType::container_start:
      return "cstart";
    case EventType::container_stop:
      return "cstop";
    case EventType::exec_failed:
      return "exec!";
    case EventType::process_vm:
      return "procvm";
    case EventType::pivot_root:
      return "pivot";
    case EventType::module_load:
      return "modload";
    case EventType::module_unload:
      return "modfree";
    case EventType::perf_event_open:
      return "perf";
    case EventType::io_uring_setup:
      return "uring+";
    default:
      return info(type).name.substr(0, kEventColumns);
  }
}

}  // namespace

void append_trace_header(std::string& out) {
  append_columns(out, "TIME", "EVENT", "PID", "PPID", "UID", "CONTAINER", "NAME", "WHAT", kTraceColumns);
}

void append_trace_line(std::string& out, const EventView& event, std::size_t columns) {
  const std::string container = text_of(event, FieldId::container_id);
  append_columns(out, time_of_day(event), short_name(event.type()), integer_of(event, FieldId::process_pid),
                 integer_of(event, FieldId::process_parent_pid), integer_of(event, FieldId::process_user_id),
                 container.empty() ? std::string("-") : container.substr(0, kContainerColumns),
                 cut_columns(text_of(event, FieldId::process_name), kNameColumns), event_detail(event), columns);
}

}  // namespace bongsu
