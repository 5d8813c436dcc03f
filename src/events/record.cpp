// SPDX-License-Identifier: Apache-2.0
#include "events/record.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>

#include "events/derived.h"

namespace bongsu {
namespace {

constexpr std::size_t kAlignment = 8;  // of the widest wire member

// A reader of the perf buffer sees a record rounded up to this (kernel/events/core.c, perf_prepare_sample).
constexpr std::size_t kTransportPadding = 8;

template <typename T>
T load(std::span<const std::byte> bytes, std::size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// `fixed` and `size` bound the tail.
bool inside(bongsu_str reference, std::size_t fixed, std::size_t size) {
  return reference.len == 0 ||
         (reference.off >= fixed && reference.off <= size && reference.len <= size - reference.off);
}

bool next_string(const void* source, std::uint64_t size, std::uint64_t& cursor, std::string_view& out) {
  if (cursor >= size) {
    return false;
  }
  const std::string_view rest(static_cast<const char*>(source) + cursor, size - cursor);
  out = rest.substr(0, rest.find('\0'));
  cursor += out.size() + 1;
  return true;
}

// The text of the last few addresses of this thread: an event has no more than two.
std::string_view address_text(const bongsu_ip& address) {
  constexpr std::size_t kKept = 4;
  thread_local std::array<std::array<char, INET6_ADDRSTRLEN>, kKept> texts;
  thread_local std::size_t turn = 0;
  if (address.family == 0) {
    return {};
  }
  std::array<char, INET6_ADDRSTRLEN>& text = texts[turn++ % kKept];
  const char* done =
      ::inet_ntop(static_cast<int>(address.family), address.bytes, text.data(), static_cast<socklen_t>(text.size()));
  return done == nullptr ? std::string_view{} : std::string_view(done);
}

}  // namespace

std::optional<Record> Record::decode(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(bongsu_header) || reinterpret_cast<std::uintptr_t>(bytes.data()) % kAlignment != 0) {
    return std::nullopt;
  }
  const Record whole(bytes);
  const std::size_t size = whole.header().size;
  if (size > bytes.size() || bytes.size() - size >= kTransportPadding || size > BONGSU_RECORD_BYTES) {
    return std::nullopt;
  }
  const EventInfo& event = info(whole.type());
  const std::size_t fixed = wire_size(event.type);
  if (event.type == EventType::none || event.ring == Ring::none || size < fixed) {
    return std::nullopt;
  }
  if (!inside(whole.task().working_directory, fixed, size)) {
    return std::nullopt;
  }
  for (const WireMember& member : wire_members(event.type)) {
    if (member.kind == WireKind::string && !inside(load<bongsu_str>(bytes, member.offset), fixed, size)) {
      return std::nullopt;
    }
  }
  return Record(bytes.first(size));
}

Value Record::value(FieldId id) const {
  const WireMember* member = wire_member(type(), id);
  if (member == nullptr) {
    return has_field(type(), id) ? derived_value(*this, id) : Value{};
  }
  switch (member->kind) {
    case WireKind::u64:
      return Value::of(static_cast<std::int64_t>(load<std::uint64_t>(bytes_, member->offset)));
    case WireKind::i64: {
      const auto number = load<std::int64_t>(bytes_, member->offset);
      return number == -1 ? Value() : Value::of(number);  // an id that stays as it is: chown, setreuid
    }
    case WireKind::u32:
      return Value::of(std::int64_t{load<std::uint32_t>(bytes_, member->offset)});
    case WireKind::i32:
      return Value::of(std::int64_t{load<std::int32_t>(bytes_, member->offset)});
    case WireKind::boolean:
      return Value::of(load<std::uint32_t>(bytes_, member->offset) != 0);
    case WireKind::signal: {
      const std::string_view name = signal_name(load<std::int32_t>(bytes_, member->offset));
      return name.empty() ? Value() : Value::of(name);
    }
    case WireKind::string: {
      const std::string_view text = string(load<bongsu_str>(bytes_, member->offset));
      if (text.empty()) {
        return {};
      }
      return info(id).type == FieldType::string_list ? Value::of(nul_separated(text)) : Value::of(text);
    }
    case WireKind::ip: {
      const std::string_view text = address_text(load<bongsu_ip>(bytes_, member->offset));
      return text.empty() ? Value() : Value::of(text);
    }
    case WireKind::enumeration: {
      const auto number = load<std::uint32_t>(bytes_, member->offset);
      const std::string_view name = name_of(member->names, number);
      return number == 0 && name == kNoName ? Value() : Value::of(name);  // nothing was there to be named
    }
    case WireKind::flags: {
      const auto bits = load<std::uint64_t>(bytes_, member->offset);
      return bits == 0 ? Value() : Value::of(names_of(member->names, bits));
    }
    case WireKind::target:
      return {};  // its fields are derived
  }
  return {};
}

StringList nul_separated(std::string_view blob) { return {blob.data(), blob.size(), &next_string}; }

}  // namespace bongsu
