// SPDX-License-Identifier: Apache-2.0
//
// The event and field tables as C++ sees them: all of it comes from bpf/wire/events.def at compile time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "events/names.h"
#include "wire/wire.h"

namespace bongsu {

// NOLINTNEXTLINE(performance-enum-size): the table will have more than 255 fields
enum class FieldId : std::uint16_t {
#define FIELD(id, name, type, unit, scope, doc) id,
#include "wire/events.def"
  none  // wire members that are not shown; also the number of fields. Beyond it: events/keyed_field.h
};
inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(FieldId::none);

// NOLINTNEXTLINE(performance-enum-size): the width of bongsu_header.type
enum class EventType : std::uint16_t {
  none = BONGSU_EVENT_NONE,
#define EVENT(id, family, ring, category, ecs_type, doc) id = BONGSU_EVENT_##id,
#include "wire/events.def"
};
inline constexpr std::size_t kEventCount = BONGSU_EVENT_COUNT;  // `none` included; the table's index is the type

enum class FieldType : std::uint8_t { boolean, integer, string, string_list, date, string_map };
enum class Unit : std::uint8_t { none, bytes, nanoseconds };
enum class Scope : std::uint8_t { every, process, container, event };
enum class Ring : std::uint8_t { lifecycle, bulk, none };

struct FieldInfo {
  FieldId id;
  std::string_view name;
  FieldType type;
  Unit unit;
  Scope scope;
  std::string_view doc;
};

struct EventInfo {
  EventType type;
  std::string_view name;
  std::string_view family;
  Ring ring;
  std::string_view ecs_category;
  std::string_view ecs_type;
  std::string_view doc;
};

struct HookInfo {
  EventType event;
  int rung;
  std::string_view program;
  std::string_view attach;
  std::string_view blind;  // empty: sees all
};

// How a wire member is read.
enum class WireKind : std::uint8_t { u64, i64, u32, i32, boolean, signal, string, ip, enumeration, flags, target };
struct WireMember {
  EventType event;
  std::string_view name;
  FieldId field;
  WireKind kind;
  std::uint16_t offset;
  NameTable names = NameTable::none;  // of an enumeration, and of flags
};

[[nodiscard]] std::span<const FieldInfo> fields();                       // in FieldId order
[[nodiscard]] std::span<const FieldInfo> map_fields();                   // those that are a string_map
[[nodiscard]] std::span<const EventInfo> events();                       // in EventType order; [0] is `none`
[[nodiscard]] std::span<const HookInfo> hooks();                         // in file order: an event's best rung first
[[nodiscard]] std::span<const WireMember> wire_members();                // in file order, so by event
[[nodiscard]] std::span<const WireMember> wire_members(EventType type);  // of one event, in wire order

[[nodiscard]] const FieldInfo& info(FieldId id);      // of none, and of what is no field: one without a name
[[nodiscard]] const EventInfo& info(EventType type);  // beyond: that of `none`
// A field of the table, or one with a key (events/keyed_field.h), which then is made when it is the first time.
[[nodiscard]] std::optional<FieldId> find_field(std::string_view name);
[[nodiscard]] std::optional<EventType> find_event(std::string_view name);
[[nodiscard]] bool is_agent(EventType type);  // made by the monitor about itself: no process, no container

// Whether events of this type can have the field.
[[nodiscard]] bool has_field(EventType type, FieldId id);
// The wire member of the event's record that its rows name for the field; null when there is none.
[[nodiscard]] const WireMember* wire_member(EventType type, FieldId id);
// Whether events of this type come of a system call: its outcome and name are in the record's header.
[[nodiscard]] bool is_call(EventType type);
// sizeof the event's fixed part.
[[nodiscard]] std::size_t wire_size(EventType type);

[[nodiscard]] std::string_view to_string(FieldType type);
[[nodiscard]] std::string_view to_string(Unit unit);
[[nodiscard]] std::string_view to_string(Scope scope);
[[nodiscard]] std::string_view to_string(Ring ring);

}  // namespace bongsu
