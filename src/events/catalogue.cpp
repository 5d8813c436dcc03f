// SPDX-License-Identifier: Apache-2.0
#include "events/catalogue.h"

#include <algorithm>

#include "events/keyed_field.h"

namespace bongsu {
namespace {

constexpr std::size_t index(FieldId id) { return static_cast<std::size_t>(id); }
constexpr std::size_t index(EventType type) { return static_cast<std::size_t>(type); }

// One more than there are: the last stands for FieldId::none.
constexpr FieldInfo kFields[] = {
#define FIELD(id, name, type, unit, scope, doc) {FieldId::id, name, FieldType::type, Unit::unit, Scope::scope, doc},
#include "wire/events.def"
    {FieldId::none, "", FieldType::string, Unit::none, Scope::event, ""},
};

constexpr EventInfo kEvents[] = {
    {EventType::none, "none", "", Ring::none, "", "", ""},
#define EVENT(id, family, ring, category, ecs_type, doc) \
  {EventType::id, #id, family, Ring::ring, category, ecs_type, doc},
#include "wire/events.def"
};

constexpr HookInfo kHooks[] = {
#define HOOK(event, rung, program, attach, blind) {EventType::event, rung, program, attach, blind},
#include "wire/events.def"
};

#define ROW(event, member, field, kind, table) \
  {EventType::event, #member, FieldId::field, WireKind::kind, offsetof(bongsu_##event, member), NameTable::table},
constexpr WireMember kWireMembers[] = {
#define U64(event, member, field) ROW(event, member, field, u64, none)
#define I64(event, member, field) ROW(event, member, field, i64, none)
#define U32(event, member, field) ROW(event, member, field, u32, none)
#define I32(event, member, field) ROW(event, member, field, i32, none)
#define BOOL(event, member, field) ROW(event, member, field, boolean, none)
#define SIGNAL(event, member, field) ROW(event, member, field, signal, none)
#define STR(event, member, field) ROW(event, member, field, string, none)
#define IP(event, member, field) ROW(event, member, field, ip, none)
#define ENUM(event, member, field, table) ROW(event, member, field, enumeration, table)
#define FLAGS(event, member, field, table) ROW(event, member, field, flags, table)
#define TARGET(event) ROW(event, target, none, target, none)
#include "wire/events.def"
};
#undef ROW

// Fields of the events made in user space.
struct EventField {
  EventType event;
  FieldId field;
};
constexpr EventField kValues[] = {
#define VALUE(event, field) {EventType::event, FieldId::field},
#define CALL(event)                                                                        \
  {EventType::event, FieldId::event_outcome}, {EventType::event, FieldId::error_code},     \
      {EventType::event, FieldId::syscall_name}, {EventType::event, FieldId::syscall_abi}, \
      {EventType::event, FieldId::event_untrusted_argument},
#define TARGET(event)                                                                                          \
  {EventType::event, FieldId::process_target_pid}, {EventType::event, FieldId::process_target_thread_name},    \
      {EventType::event, FieldId::process_target_entity_id}, {EventType::event, FieldId::process_target_name}, \
      {EventType::event, FieldId::process_target_executable},
#include "wire/events.def"
};

constexpr std::size_t kWireSizes[] = {
    0,
#define EVENT(id, family, ring, category, ecs_type, doc) sizeof(bongsu_##id),
#include "wire/events.def"
};

static_assert(std::size(kFields) == kFieldCount + 1);
static_assert(std::size(kEvents) == kEventCount);
static_assert(std::size(kWireSizes) == kEventCount);

constexpr std::string_view kAgentFamily = "agent";

// What an event and a field have to do with each other, by index: one look instead of a search.
struct Matrix {
  bool has[kEventCount][kFieldCount + 1] = {};
  std::int16_t member[kEventCount][kFieldCount + 1] = {};  // index into kWireMembers, or -1
};

constexpr Matrix kMatrix = [] {
  Matrix matrix;
  for (const EventInfo& event : kEvents) {
    for (const FieldInfo& field : kFields) {
      matrix.member[index(event.type)][index(field.id)] = -1;
      matrix.has[index(event.type)][index(field.id)] = event.type != EventType::none && field.scope != Scope::event &&
                                                       (field.scope == Scope::every || event.family != kAgentFamily);
    }
  }
  std::int16_t at = 0;
  for (const WireMember& member : kWireMembers) {
    if (member.field != FieldId::none) {
      matrix.has[index(member.event)][index(member.field)] = true;
      matrix.member[index(member.event)][index(member.field)] = at;
    }
    ++at;
  }
  for (const EventField& value : kValues) {
    matrix.has[index(value.event)][index(value.field)] = true;
  }
  for (auto& has : matrix.has) {
    has[index(FieldId::file_name)] = has[index(FieldId::file_path)];  // its last component
  }
  return matrix;
}();

// A field with a key is what its map is.
std::size_t in_matrix(FieldId id) { return is_keyed(id) ? std::min(index(map_key(id).map), kFieldCount) : index(id); }

// Where each event's rows begin and end in kWireMembers; they stand together.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};
constexpr auto kMemberRanges = [] {
  std::array<Range, kEventCount> ranges{};
  std::size_t at = 0;
  for (const WireMember& member : kWireMembers) {
    Range& range = ranges[index(member.event)];
    range.begin = range.end == 0 ? at : range.begin;
    range.end = ++at;
  }
  return ranges;
}();

// Indices in order of name, for binary search.
template <std::size_t kCount>
constexpr auto by_name(const auto& table) {
  std::array<std::uint16_t, kCount> order{};
  for (std::size_t i = 0; i < kCount; ++i) {
    order[i] = static_cast<std::uint16_t>(i);
  }
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return table[a].name < table[b].name; });
  return order;
}
constexpr auto kFieldsByName = by_name<kFieldCount>(kFields);
constexpr auto kMapFields = [] {
  constexpr auto kIsMap = [](const FieldInfo& field) { return field.type == FieldType::string_map; };
  std::array<FieldInfo, std::count_if(std::begin(kFields), std::end(kFields), kIsMap)> maps{};
  std::copy_if(std::begin(kFields), std::end(kFields), maps.begin(), kIsMap);
  return maps;
}();
constexpr auto kEventsByName = by_name<kEventCount>(kEvents);

template <typename Info>
const Info* find(std::span<const std::uint16_t> order, const Info* table, std::string_view name) {
  const auto found = std::lower_bound(order.begin(), order.end(), name,
                                      [&](std::uint16_t i, std::string_view wanted) { return table[i].name < wanted; });
  return found != order.end() && table[*found].name == name ? &table[*found] : nullptr;
}

}  // namespace

std::span<const FieldInfo> fields() { return std::span(kFields).first(kFieldCount); }
std::span<const FieldInfo> map_fields() { return kMapFields; }
std::span<const EventInfo> events() { return kEvents; }
std::span<const HookInfo> hooks() { return kHooks; }
std::span<const WireMember> wire_members() { return kWireMembers; }
std::span<const WireMember> wire_members(EventType type) {
  const Range range = kMemberRanges[index(info(type).type)];
  return wire_members().subspan(range.begin, range.end - range.begin);
}

const FieldInfo& info(FieldId id) {
  if (!is_keyed(id)) {
    return kFields[index(id)];
  }
  const FieldInfo* keyed = keyed_info(id);
  return keyed == nullptr ? kFields[kFieldCount] : *keyed;
}
const EventInfo& info(EventType type) { return kEvents[index(type) < kEventCount ? index(type) : 0]; }

std::optional<FieldId> find_field(std::string_view name) {
  if (const FieldInfo* found = find(kFieldsByName, kFields, name); found != nullptr) {
    return found->id;
  }
  const std::optional<MapKey> key = split_map_key(name);
  return key ? keyed_field(*key) : std::nullopt;
}

std::optional<EventType> find_event(std::string_view name) {
  const EventInfo* found = find(kEventsByName, kEvents, name);
  return found == nullptr || found->type == EventType::none ? std::nullopt : std::optional(found->type);
}

bool is_agent(EventType type) { return info(type).family == kAgentFamily; }

bool has_field(EventType type, FieldId id) { return kMatrix.has[index(info(type).type)][in_matrix(id)]; }

const WireMember* wire_member(EventType type, FieldId id) {
  const std::int16_t at = kMatrix.member[index(info(type).type)][in_matrix(id)];
  return at < 0 ? nullptr : &kWireMembers[at];
}

bool is_call(EventType type) { return has_field(type, FieldId::event_outcome); }

std::size_t wire_size(EventType type) { return kWireSizes[index(info(type).type)]; }

std::string_view to_string(FieldType type) {
  constexpr std::string_view kNames[] = {"boolean", "integer", "string", "string_list", "date", "string_map"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string_view to_string(Unit unit) {
  constexpr std::string_view kNames[] = {"none", "bytes", "nanoseconds"};
  return kNames[static_cast<std::size_t>(unit)];
}

std::string_view to_string(Scope scope) {
  constexpr std::string_view kNames[] = {"every", "process", "container", "event"};
  return kNames[static_cast<std::size_t>(scope)];
}

std::string_view to_string(Ring ring) {
  constexpr std::string_view kNames[] = {"lifecycle", "bulk", "none"};
  return kNames[static_cast<std::size_t>(ring)];
}

}  // namespace bongsu
