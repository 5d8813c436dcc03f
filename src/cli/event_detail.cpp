// SPDX-License-Identifier: Apache-2.0
#include "cli/event_detail.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "events/event_json.h"

namespace bongsu {
namespace {

std::string text_of(const EventView& event, FieldId id) {
  std::string out;
  append_value_text(out, event.value(id));
  return out;
}

std::string duration_text(std::int64_t ns) {
  if (ns < 1'000'000'000) {
    return fmt::format("{:.2f} ms", static_cast<double>(ns) / 1e6);
  }
  return fmt::format("{:.2f} s", static_cast<double>(ns) / 1e9);
}

// As strace shows a call's end: its error, or nothing.
std::string outcome(const EventView& event) {
  const std::string error = text_of(event, FieldId::error_code);
  return error.empty() ? error : " = " + error;
}

std::string address(const EventView& event, FieldId ip, FieldId port) {
  const std::string text = text_of(event, ip);
  if (text.empty()) {
    return {};
  }
  const bool v6 = text.find(':') != std::string::npos;
  return (v6 ? "[" + text + "]" : text) + ":" + text_of(event, port);
}

std::string exit_detail(const EventView& event) {
  const Value signal = event.value(FieldId::process_exit_signal);
  return (signal.has_value() ? std::string(signal.string()) : "code " + text_of(event, FieldId::process_exit_code)) +
         " after " + duration_text(event.value(FieldId::event_duration).integer());
}

std::string network_detail(const EventView& event) {
  const std::string from = address(event, FieldId::source_ip, FieldId::source_port);
  const std::string to = address(event, FieldId::destination_ip, FieldId::destination_port);
  const std::string path = text_of(event, FieldId::socket_path);
  std::string text = text_of(event, FieldId::network_transport);
  for (const std::string& part : {path, from, to.empty() ? to : "-> " + to}) {
    if (!part.empty()) {
      text += (text.empty() ? "" : " ") + part;
    }
  }
  return text + outcome(event);
}

// Addresses are shown in hexadecimal, as everywhere.
std::string hex(const EventView& event, FieldId id) {
  return fmt::format("{:#x}", static_cast<std::uint64_t>(event.value(id).integer()));
}

std::string memory_detail(const EventView& event) {
  if (event.type() == EventType::brk) {
    return hex(event, FieldId::memory_break) + outcome(event);
  }
  std::string text = hex(event, FieldId::memory_address) + " +" + text_of(event, FieldId::memory_length);
  for (const FieldId id : {FieldId::memory_protection, FieldId::memory_flags}) {
    const std::string names = text_of(event, id);
    text += (names.empty() ? "" : " ") + names;
  }
  if (event.value(FieldId::file_descriptor).has_value() && event.value(FieldId::file_descriptor).integer() >= 0) {
    text += " fd " + text_of(event, FieldId::file_descriptor) + " " + text_of(event, FieldId::file_path);
  }
  return text + outcome(event);
}

std::string io_detail(const EventView& event) {
  std::string text = "fd " + text_of(event, FieldId::file_descriptor);
  if (event.value(FieldId::io_bytes).has_value()) {
    text += " " + text_of(event, FieldId::io_bytes) + " bytes";
  }
  const std::string path = text_of(event, FieldId::file_path);
  return text + (path.empty() ? "" : " ") + path + outcome(event);
}

// Events without words of their own: the values of their own fields, one after the other.
std::string own_values(const EventView& event) {
  constexpr std::array kTold = {FieldId::event_outcome,
                                FieldId::error_code,
                                FieldId::syscall_name,
                                FieldId::syscall_abi,
                                FieldId::file_path_given,
                                FieldId::file_name,
                                FieldId::event_untrusted_argument,
                                FieldId::process_target_entity_id,
                                FieldId::process_target_executable,
                                FieldId::process_target_thread_name};
  std::string text;
  for (const FieldInfo& field : fields()) {
    if (field.scope != Scope::event || std::find(kTold.begin(), kTold.end(), field.id) != kTold.end()) {
      continue;
    }
    const std::string value = text_of(event, field.id);
    if (!value.empty()) {
      text += (text.empty() ? "" : " ") + value;
    }
  }
  return text + outcome(event);
}

}  // namespace

std::string event_detail(const EventView& event) {
  switch (event.type()) {
    case EventType::exec:
      return text_of(event, FieldId::process_command_line);
    case EventType::fork:
      return "comm " + text_of(event, FieldId::process_thread_name) + " of " +
             text_of(event, FieldId::process_parent_name);
    case EventType::exit:
      return exit_detail(event);
    case EventType::rename_comm:
      return text_of(event, FieldId::process_previous_thread_name) + " -> " +
             text_of(event, FieldId::process_thread_name);
    case EventType::exec_failed:
      return text_of(event, FieldId::file_path) + outcome(event);
    case EventType::open:
      return text_of(event, FieldId::file_path) + " " + text_of(event, FieldId::file_open_flags) +
             (event.value(FieldId::error_code).has_value() ? "" : " fd " + text_of(event, FieldId::file_descriptor)) +
             outcome(event);
    case EventType::read:
    case EventType::write:
    case EventType::close:
      return io_detail(event);
    case EventType::mmap:
    case EventType::munmap:
    case EventType::mprotect:
    case EventType::brk:
      return memory_detail(event);
    case EventType::rename:
    case EventType::link:
    case EventType::symlink:
      return text_of(event, FieldId::file_path) + " -> " + text_of(event, FieldId::file_target_path) + outcome(event);
    case EventType::bind:
    case EventType::listen:
    case EventType::connect:
    case EventType::accept:
      return network_detail(event);
    case EventType::container_start:
    case EventType::container_stop: {
      std::string text = text_of(event, FieldId::container_id);
      const std::string pod = text_of(event, FieldId::k8s_pod_uid);
      return pod.empty() ? text : text + " pod " + pod;
    }
    default:
      return own_values(event);
  }
}

}  // namespace bongsu
