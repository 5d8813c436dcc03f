// SPDX-License-Identifier: Apache-2.0
#include "recording/mask.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/strings.h"

namespace bongsu {
namespace {

struct Alias {
  FieldId shown;
  FieldId stored;  // the field whose bytes it is made of
};

// A text that a record holds in another form is masked in each: a path as it was given and as it was resolved.
constexpr std::array kAliases = {
    Alias{FieldId::process_command_line, FieldId::process_args},
    Alias{FieldId::process_parent_args, FieldId::process_args},
    Alias{FieldId::process_parent_command_line, FieldId::process_args},
    Alias{FieldId::process_name, FieldId::process_executable},
    Alias{FieldId::process_parent_name, FieldId::process_executable},
    Alias{FieldId::process_parent_executable, FieldId::process_executable},
    Alias{FieldId::process_ancestors_name, FieldId::process_executable},
    Alias{FieldId::process_ancestors_executable, FieldId::process_executable},
    Alias{FieldId::process_target_name, FieldId::process_executable},
    Alias{FieldId::process_target_executable, FieldId::process_executable},
    Alias{FieldId::process_executable, FieldId::process_requested_executable},
    Alias{FieldId::process_requested_executable, FieldId::process_executable},
    Alias{FieldId::process_target_thread_name, FieldId::process_thread_name},
    Alias{FieldId::process_previous_thread_name, FieldId::process_thread_name},
    Alias{FieldId::process_thread_name, FieldId::process_previous_thread_name},
    Alias{FieldId::file_name, FieldId::file_path},
    Alias{FieldId::file_path, FieldId::file_path_given},
    Alias{FieldId::file_path_given, FieldId::file_path},
    Alias{FieldId::dns_question_type, FieldId::dns_question_name},
    Alias{FieldId::dns_response_code, FieldId::dns_question_name},
    Alias{FieldId::dns_answers_data, FieldId::dns_question_name},
};

// Stored otherwise than by a row of the event table.
constexpr std::array kOfTheTask = {FieldId::process_working_directory, FieldId::process_thread_name};

bool stored(FieldId field) {
  const auto of_a_row = [field](const WireMember& member) {
    return member.kind == WireKind::string && member.field == field;
  };
  return std::ranges::find(kOfTheTask, field) != kOfTheTask.end() || field == FieldId::dns_question_name ||
         std::ranges::any_of(wire_members(), of_a_row);
}

bool maskable(FieldId field) {
  return stored(field) || std::ranges::any_of(kAliases, [field](const Alias& alias) { return alias.shown == field; });
}

std::string maskable_names() {
  std::string names;
  for (const FieldInfo& field : fields()) {
    if (maskable(field.id)) {
      names.append(names.empty() ? "" : ", ").append(field.name);
    }
  }
  return names;
}

void overwrite(std::span<std::byte> record, bongsu_str text, bool keep_separators, std::byte with) {
  if (text.len == 0) {
    return;
  }
  for (std::byte& byte : record.subspan(text.off, text.len)) {
    byte = keep_separators && byte == std::byte{0} ? byte : with;
  }
}

void overwrite_comm(char* comm) { std::memset(comm, '*', ::strnlen(comm, BONGSU_COMM_BYTES)); }

bongsu_str reference_at(std::span<const std::byte> record, std::size_t offset) {
  bongsu_str reference{};
  std::memcpy(&reference, record.data() + offset, sizeof reference);
  return reference;
}

}  // namespace

Result<Mask> Mask::of(std::span<const std::string> names) {
  Mask mask;
  for (const std::string& name : names) {
    const std::optional<FieldId> field = find_field(name);
    if (!field) {
      std::vector<std::string_view> known;
      for (const FieldInfo& one : fields()) {
        known.push_back(one.name);
      }
      const std::string_view near = nearest(name, known);
      return fail("cannot mask " + name + ": there is no such field",
                  near.empty() ? "bongsu events lists them" : "did you mean " + std::string(near) + "?");
    }
    if (!maskable(*field)) {
      return fail("cannot mask " + name + ": a record holds no text of it", "these can be masked: " + maskable_names());
    }
    mask.add(*field);
    if (std::ranges::find(mask.names_, name) == mask.names_.end()) {
      mask.names_.push_back(name);
    }
  }
  return mask;
}

void Mask::add(FieldId field) {
  if (fields_.test(static_cast<std::size_t>(field))) {
    return;
  }
  fields_.set(static_cast<std::size_t>(field));
  for (const Alias& alias : kAliases) {
    if (alias.shown == field) {
      add(alias.stored);
    }
  }
}

void Mask::apply(std::span<std::byte> record) const {
  const auto masked = [this](FieldId field) { return fields_.test(static_cast<std::size_t>(field)); };
  auto& header = *reinterpret_cast<bongsu_header*>(record.data());
  if (masked(FieldId::process_working_directory)) {
    overwrite(record, header.task.working_directory, false, std::byte{'*'});
  }
  if (masked(FieldId::process_thread_name)) {
    overwrite_comm(header.task.comm);
  }
  for (const WireMember& member : wire_members(static_cast<EventType>(header.type))) {
    if (member.kind == WireKind::target && masked(FieldId::process_thread_name)) {
      overwrite_comm(reinterpret_cast<bongsu_target*>(record.data() + member.offset)->comm);
    } else if (member.kind == WireKind::string && member.field != FieldId::none && masked(member.field)) {
      const bool list = info(member.field).type == FieldType::string_list;
      overwrite(record, reference_at(record, member.offset), list, std::byte{'*'});
    } else if (member.kind == WireKind::string && member.event == EventType::dns &&
               masked(FieldId::dns_question_name)) {
      overwrite(record, reference_at(record, member.offset), false, std::byte{0});  // a message that says nothing
    }
  }
}

void Mask::apply_to_arguments(std::string& arguments) const {
  if (fields_.test(static_cast<std::size_t>(FieldId::process_args))) {
    std::ranges::replace_if(arguments, [](char byte) { return byte != '\0'; }, '*');
  }
}

}  // namespace bongsu
