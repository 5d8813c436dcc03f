// SPDX-License-Identifier: Apache-2.0
// The table itself, and the views of it.
#include "events/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace bongsu {
namespace {

// Every event but `none`.
std::span<const EventInfo> real_events() { return events().subspan(1); }

TEST(Table, NamesAreUniqueAndWellFormed) {
  std::set<std::string_view> names;
  for (const FieldInfo& field : fields()) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    // What needs no escape in JSON and none in a rule.
    EXPECT_EQ(field.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.@"), std::string_view::npos)
        << field.name;
    EXPECT_FALSE(field.name.starts_with('.') || field.name.ends_with('.')) << field.name;
    EXPECT_EQ(field.name.find(".."), std::string_view::npos) << field.name;
  }
  names.clear();
  for (const EventInfo& event : real_events()) {
    EXPECT_TRUE(names.insert(event.name).second) << event.name;
    EXPECT_FALSE(event.family.empty()) << event.name;
    EXPECT_FALSE(event.ecs_category.empty() || event.ecs_type.empty()) << event.name;
  }
}

TEST(Table, NoFieldStandsInTheWayOfAnother) {
  // "a.b" and "a.b.c" cannot both be values of one JSON object.
  for (const FieldInfo& field : fields()) {
    for (const FieldInfo& other : fields()) {
      EXPECT_FALSE(other.name.starts_with(std::string(field.name) + ".")) << field.name << " and " << other.name;
    }
  }
}

TEST(Table, DocsAreOneLineOfAsciiThatEnds) {
  const auto check = [](std::string_view name, std::string_view doc) {
    EXPECT_TRUE(doc.ends_with('.')) << name;
    for (const char c : doc) {
      EXPECT_TRUE(c >= 0x20 && c < 0x7F) << name;
    }
    EXPECT_EQ(doc.find("  "), std::string_view::npos) << name;
  };
  for (const FieldInfo& field : fields()) {
    check(field.name, field.doc);
  }
  for (const EventInfo& event : real_events()) {
    check(event.name, event.doc);
  }
}

TEST(Table, UnitsAreOfIntegers) {
  for (const FieldInfo& field : fields()) {
    EXPECT_TRUE(field.unit == Unit::none || field.type == FieldType::integer) << field.name;
  }
}

TEST(Table, EveryFieldOfSingleEventsIsUsed) {
  for (const FieldInfo& field : fields()) {
    bool used = false;
    for (const EventInfo& event : real_events()) {
      used = used || has_field(event.type, field.id);
    }
    EXPECT_TRUE(used) << field.name;
  }
}

TEST(Table, RowsFitTheTypesOfTheirFields) {
  for (const WireMember& member : wire_members()) {
    if (member.field == FieldId::none) {
      continue;
    }
    const FieldType type = info(member.field).type;
    switch (member.kind) {
      case WireKind::boolean:
        EXPECT_EQ(type, FieldType::boolean) << member.name;
        break;
      case WireKind::signal:
        EXPECT_EQ(type, FieldType::string) << member.name;
        break;
      case WireKind::ip:
      case WireKind::enumeration:
        EXPECT_EQ(type, FieldType::string) << member.name;
        break;
      case WireKind::flags:
        EXPECT_EQ(type, FieldType::string_list) << member.name;
        break;
      case WireKind::string:
        EXPECT_TRUE(type == FieldType::string || type == FieldType::string_list) << member.name;
        break;
      default:
        EXPECT_EQ(type, FieldType::integer) << member.name;
    }
  }
}

TEST(Table, NoEventMapsAFieldTwice) {
  std::set<std::pair<EventType, FieldId>> seen;
  for (const WireMember& member : wire_members()) {
    if (member.field != FieldId::none) {
      EXPECT_TRUE(seen.emplace(member.event, member.field).second) << member.name;
    }
  }
}

std::size_t size_of(WireKind kind) {
  switch (kind) {
    case WireKind::u64:
    case WireKind::i64:
    case WireKind::flags:
      return 8;
    case WireKind::ip:
      return sizeof(bongsu_ip);
    case WireKind::target:
      return sizeof(bongsu_target);
    default:
      return 4;  // a string reference too
  }
}

std::size_t alignment_of(WireKind kind) {
  switch (kind) {
    case WireKind::string:
      return alignof(bongsu_str);
    case WireKind::ip:
      return alignof(bongsu_ip);
    case WireKind::target:
      return alignof(bongsu_target);
    default:
      return size_of(kind);
  }
}

TEST(Table, RowsAreAlignedInOrderAndInside) {
  for (const EventInfo& event : real_events()) {
    std::size_t end = sizeof(bongsu_header);
    for (const WireMember& member : wire_members(event.type)) {
      EXPECT_EQ(member.event, event.type);
      EXPECT_EQ(member.offset % alignment_of(member.kind), 0u) << event.name << '.' << member.name;
      EXPECT_GE(member.offset, end) << event.name << '.' << member.name;
      end = member.offset + size_of(member.kind);
    }
    EXPECT_LE(end, wire_size(event.type)) << event.name;
    EXPECT_EQ(wire_size(event.type) % 8, 0u) << event.name;
  }
}

TEST(Table, PaddingIsExplicit) {
  // What the rows add up to, explicit padding included, is the size of the struct.
  // NOLINTBEGIN(bugprone-macro-parentheses): each row is one term of a sum
  const std::size_t sums[] = {
#define EVENT(id, family, ring, category, ecs_type, doc) sizeof(bongsu_header)
#define U64(event, member, field) +8
#define U32(event, member, field) +4
#define I32(event, member, field) +4
#define I64(event, member, field) +8
#define IP(event, member, field) +sizeof(bongsu_ip)
#define ENUM(event, member, field, table) +4
#define FLAGS(event, member, field, table) +8
#define TARGET(event) +sizeof(bongsu_target)
#define BOOL(event, member, field) +4
#define SIGNAL(event, member, field) +4
#define STR(event, member, field) +sizeof(bongsu_str)
#define PAD32(event, member) +4
#define END_EVENT(id) ,
#include "wire/events.def"
  };
  // NOLINTEND(bugprone-macro-parentheses)
  ASSERT_EQ(std::size(sums), real_events().size());
  for (std::size_t i = 0; i < std::size(sums); ++i) {
    EXPECT_EQ(sums[i], wire_size(real_events()[i].type)) << real_events()[i].name;
  }
}

TEST(Table, EventsOfTheKernelHaveHooksAndOthersNone) {
  for (const EventInfo& event : real_events()) {
    int rung = 0;
    for (const HookInfo& hook : hooks()) {
      if (hook.event == event.type) {
        EXPECT_GE(hook.rung, std::max(1, rung)) << event.name << ": best first";
        EXPECT_LE(hook.rung, 3) << event.name;
        rung = hook.rung;
        EXPECT_FALSE(hook.program.empty() || hook.attach.empty()) << event.name;
      }
    }
    EXPECT_EQ(rung > 0, event.ring != Ring::none) << event.name;
  }
}

TEST(Table, EventsOfUserSpaceHaveNoRows) {
  for (const EventInfo& event : real_events()) {
    if (event.ring == Ring::none) {
      EXPECT_TRUE(wire_members(event.type).empty()) << event.name;
    }
  }
}

TEST(Catalogue, IndexIsTheId) {
  for (std::size_t i = 0; i < fields().size(); ++i) {
    EXPECT_EQ(fields()[i].id, static_cast<FieldId>(i));
    EXPECT_EQ(info(static_cast<FieldId>(i)).name, fields()[i].name);
  }
  for (std::size_t i = 0; i < events().size(); ++i) {
    EXPECT_EQ(events()[i].type, static_cast<EventType>(i));
  }
  EXPECT_EQ(fields().size(), kFieldCount);
  EXPECT_EQ(events().size(), kEventCount);
}

TEST(Catalogue, FindsEveryNameAndNoOther) {
  for (const FieldInfo& field : fields()) {
    EXPECT_EQ(find_field(field.name), field.id);
    EXPECT_EQ(find_field(std::string(field.name) + "x"), std::nullopt);
    EXPECT_EQ(find_field(field.name.substr(0, field.name.size() - 1)), std::nullopt) << field.name;
  }
  for (const EventInfo& event : real_events()) {
    EXPECT_EQ(find_event(event.name), event.type);
  }
  for (const std::string_view name : {"", "none", "Exec", "process", "\xFF"}) {
    EXPECT_EQ(find_field(name), std::nullopt) << name;
    EXPECT_EQ(find_event(name), std::nullopt) << name;
  }
}

TEST(Catalogue, FieldsOfEvents) {
  EXPECT_TRUE(has_field(EventType::exec, FieldId::process_executable));
  EXPECT_TRUE(has_field(EventType::fork, FieldId::process_args));
  EXPECT_TRUE(has_field(EventType::exec, FieldId::container_id));
  EXPECT_TRUE(has_field(EventType::exit, FieldId::event_duration));
  EXPECT_FALSE(has_field(EventType::exec, FieldId::event_duration));
  EXPECT_TRUE(has_field(EventType::drop, FieldId::agent_count));
  EXPECT_TRUE(has_field(EventType::drop, FieldId::timestamp));
  EXPECT_FALSE(has_field(EventType::drop, FieldId::process_pid));
  EXPECT_FALSE(has_field(EventType::drop, FieldId::container_id));
  EXPECT_FALSE(has_field(EventType::exec, FieldId::agent_count));
  EXPECT_FALSE(has_field(EventType::none, FieldId::timestamp));
  EXPECT_FALSE(has_field(EventType::exec, FieldId::none));
  EXPECT_FALSE(has_field(static_cast<EventType>(60000), FieldId::timestamp));
  EXPECT_FALSE(has_field(EventType::exec, static_cast<FieldId>(60000)));
  EXPECT_TRUE(is_agent(EventType::drop));
  EXPECT_FALSE(is_agent(EventType::exec));
  EXPECT_FALSE(is_agent(EventType::none));
}

TEST(Catalogue, WireMembersOfFields) {
  const WireMember* member = wire_member(EventType::exit, FieldId::process_exit_code);
  ASSERT_NE(member, nullptr);
  EXPECT_EQ(member->name, "exit_code");
  EXPECT_EQ(member->kind, WireKind::i32);
  EXPECT_EQ(member->offset, offsetof(bongsu_exit, exit_code));
  EXPECT_EQ(wire_member(EventType::exec, FieldId::process_exit_code), nullptr);
  EXPECT_EQ(wire_member(EventType::exec, FieldId::none), nullptr);
  EXPECT_EQ(wire_member(EventType::drop, FieldId::agent_count), nullptr);
  EXPECT_EQ(wire_member(static_cast<EventType>(60000), FieldId::process_exit_code), nullptr);
  for (const WireMember& each : wire_members()) {
    if (each.field != FieldId::none) {
      EXPECT_EQ(wire_member(each.event, each.field), &each);
    }
  }
}

}  // namespace
}  // namespace bongsu
