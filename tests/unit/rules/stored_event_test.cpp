// SPDX-License-Identifier: Apache-2.0
#include "rules/stored_event.h"

#include <gtest/gtest.h>

#include <optional>

#include "events/event_json.h"
#include "rules/state_key.h"
#include "support/fake_event.h"

namespace bongsu {
namespace {

TEST(StoredEvent, ShowsWhatItWasMadeOfWhenThatIsGone) {
  std::optional<FakeEvent> event(EventType::exec);
  for (const FieldInfo& field : fields()) {
    switch (field.type) {
      case FieldType::boolean:
      case FieldType::integer:
        event->number(field.id, -7);
        break;
      case FieldType::date:
        event->date(field.id, 1'795'246'460'123'456'789);
        break;
      case FieldType::string:
        event->text(field.id, std::string("x\0y", 3) + std::string(field.name));
        break;
      case FieldType::string_list:
        event->list(field.id, {"", std::string(field.name), std::string(5'000, 'z')});
        break;
      case FieldType::string_map:
        event->map(field.id, {"app", std::string(field.name), "app.kubernetes.io/name", std::string("x\0y", 3)});
        break;
    }
  }
  std::string before;
  append_event_json(before, *event);
  const StoredEvent stored(*event);
  event.reset();
  std::string after;
  append_event_json(after, stored);
  EXPECT_EQ(after, before);
  EXPECT_EQ(stored.type(), EventType::exec);
  EXPECT_GT(stored.bytes(), 5'000U);
}

TEST(StoredEvent, GivesOneValueOfAMapByItsKey) {
  const FieldId name = find_field("k8s.pod.label.app.kubernetes.io/name").value();
  std::optional<FakeEvent> event(EventType::exec);
  event->map(FieldId::k8s_pod_label, {"app", "web", "app.kubernetes.io/name", "shop"});
  const StoredEvent stored(*event);
  event.reset();
  EXPECT_EQ(stored.value(name).string(), "shop");
  EXPECT_FALSE(stored.value(find_field("k8s.pod.label.tier").value()).has_value());
  EXPECT_FALSE(stored.value(find_field("k8s.pod.annotation.app").value()).has_value());
}

TEST(StoredEvent, WhatHasNoValueHasNone) {
  FakeEvent event(EventType::open);
  const StoredEvent stored(event.text(FieldId::process_name, "sh"));
  EXPECT_EQ(stored.value(FieldId::process_name).string(), "sh");
  EXPECT_FALSE(stored.value(FieldId::process_args).has_value());
  EXPECT_FALSE(stored.value(FieldId::timestamp).has_value());
}

std::string key(const FakeEvent& event, std::vector<FieldId> by) {
  std::string out;
  write_key(out, event, by);
  return out;
}

TEST(StateKey, TellsApartWhatDiffers) {
  const std::vector<FieldId> two{FieldId::process_name, FieldId::process_executable};
  const auto of = [&](std::string a, std::string b) {
    FakeEvent event(EventType::exec);
    return key(event.text(two[0], std::move(a)).text(two[1], std::move(b)), two);
  };
  EXPECT_NE(of("ab", "c"), of("a", "bc"));
  EXPECT_EQ(of("ab", "c"), of("ab", "c"));
  const FakeEvent bare(EventType::exec);
  EXPECT_NE(key(bare, two), of("", ""));
  const auto listed = [&](std::vector<std::string> items) {
    FakeEvent event(EventType::exec);
    return key(event.list(FieldId::process_args, std::move(items)), {FieldId::process_args});
  };
  EXPECT_NE(listed({"a", "b"}), listed({"ab"}));
  EXPECT_NE(listed({"a", "b"}), listed({"a", "b", ""}));
  EXPECT_EQ(listed({}), key(bare, {FieldId::process_args})) << "an empty list is no value";
  const std::string much(100'000, 'x');
  EXPECT_EQ(of(much, "a").size(), kMaxKeyBytes);
  EXPECT_NE(of(much, "a"), of(much, "b"));
}

}  // namespace
}  // namespace bongsu
