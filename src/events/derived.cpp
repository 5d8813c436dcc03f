// SPDX-License-Identifier: Apache-2.0
#include "events/derived.h"

#include <cstring>

#include "events/dns.h"
#include "events/syscalls.h"

namespace bongsu {
namespace {

Value text_or_none(std::string_view text) { return text.empty() ? Value{} : Value::of(text); }

std::string_view call_name(std::uint16_t call) {
  if (call == BONGSU_CALL_NONE) {
    return {};
  }
  for (const SyscallInfo& info : syscalls()) {
    if (info.call == call) {
      return info.name;
    }
  }
  return {};
}

std::string_view last_component(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

Value network_type(const Record& record) {
  for (const WireMember& member : wire_members(record.type())) {
    if (member.kind == WireKind::ip) {
      const auto& address = *reinterpret_cast<const bongsu_ip*>(record.bytes().data() + member.offset);
      if (address.family != 0) {
        constexpr std::uint32_t kInet = 2;  // AF_INET, include/linux/socket.h
        return Value::of(std::string_view(address.family == kInet ? "ipv4" : "ipv6"));
      }
    }
  }
  return {};
}

Value dns_value(const Record& record, FieldId id) {
  constexpr std::uint32_t kTcp = 6;  // IPPROTO_TCP, include/uapi/linux/in.h
  const auto& wire = record.as<bongsu_dns>();
  const DnsMessage message(record.string(wire.message), wire.transport == kTcp);
  switch (id) {
    case FieldId::dns_question_name:
      return text_or_none(message.question_name());
    case FieldId::dns_question_type:
      return text_or_none(message.question_type());
    case FieldId::dns_response_code:
      return text_or_none(message.response_code());
    default: {
      const StringList answers = message.answers();
      return answers.any([](std::string_view) { return true; }) ? Value::of(answers) : Value{};
    }
  }
}

}  // namespace

std::string_view abi_name(std::uint8_t abi) {
  constexpr std::string_view kNames[] = {"", "x86_64", "i386", "x32", "aarch64", "arm", "io_uring"};
  static_assert(std::size(kNames) == BONGSU_ABI_IO_URING + 1);
  return abi < std::size(kNames) ? kNames[abi] : std::string_view{};
}

std::string_view error_name(std::uint16_t error) {
  const char* name = error == 0 ? nullptr : ::strerrorname_np(error);
  return name != nullptr ? std::string_view(name) : error == 0 ? std::string_view{} : "unknown";
}

const bongsu_target* target_of(const Record& record) {
  for (const WireMember& member : wire_members(record.type())) {
    if (member.kind == WireKind::target) {
      return reinterpret_cast<const bongsu_target*>(record.bytes().data() + member.offset);
    }
  }
  return nullptr;
}

Value derived_value(const Record& record, FieldId id) {
  const bongsu_header& header = record.header();
  switch (id) {
    case FieldId::event_outcome:
      if (header.abi == BONGSU_ABI_IO_URING) {
        return {};  // told before it is done
      }
      return Value::of(std::string_view(header.error == 0 ? "success" : "failure"));
    case FieldId::error_code:
      return text_or_none(error_name(header.error));
    case FieldId::syscall_name:
      return text_or_none(call_name(header.call));
    case FieldId::syscall_abi:
      return text_or_none(abi_name(header.abi));
    case FieldId::event_untrusted_argument:
      return (header.flags & BONGSU_UNTRUSTED) != 0 ? Value::of(true) : Value{};
    case FieldId::file_name:
      return text_or_none(last_component(record.value(FieldId::file_path).string()));
    case FieldId::dns_question_name:
    case FieldId::dns_question_type:
    case FieldId::dns_response_code:
    case FieldId::dns_answers_data:
      return dns_value(record, id);
    case FieldId::network_type:
      return network_type(record);
    case FieldId::process_target_pid: {
      const bongsu_target* target = target_of(record);
      return target == nullptr || target->pid == 0 ? Value{} : Value::of(std::int64_t{target->pid});
    }
    case FieldId::process_target_thread_name: {
      const bongsu_target* target = target_of(record);
      return target == nullptr ? Value{} : text_or_none({target->comm, ::strnlen(target->comm, BONGSU_COMM_BYTES)});
    }
    default:
      return {};
  }
}

}  // namespace bongsu
