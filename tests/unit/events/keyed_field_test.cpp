// SPDX-License-Identifier: Apache-2.0
#include "events/keyed_field.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "support/fake_event.h"

namespace bongsu {
namespace {

TEST(KeyedField, IsAFieldOfItsOwn) {
  const FieldId id = find_field("k8s.pod.label.app.kubernetes.io/name").value();
  EXPECT_TRUE(is_keyed(id));
  EXPECT_EQ(info(id).id, id);
  EXPECT_EQ(info(id).name, "k8s.pod.label.app.kubernetes.io/name");
  EXPECT_EQ(info(id).type, FieldType::string);
  EXPECT_EQ(info(id).unit, Unit::none);
  EXPECT_EQ(info(id).scope, Scope::container);
  EXPECT_EQ(map_key(id).map, FieldId::k8s_pod_label);
  EXPECT_EQ(map_key(id).key, "app.kubernetes.io/name");
  EXPECT_EQ(find_field("k8s.pod.label.app.kubernetes.io/name"), id);
  EXPECT_NE(find_field("k8s.pod.annotation.app.kubernetes.io/name"), id);
  EXPECT_NE(find_field("k8s.pod.label.app"), id);
}

TEST(KeyedField, BelongsToTheEventsOfItsMap) {
  const FieldId id = find_field("k8s.pod.label.app").value();
  for (const EventInfo& event : events()) {
    EXPECT_EQ(has_field(event.type, id), has_field(event.type, FieldId::k8s_pod_label)) << event.name;
    EXPECT_EQ(wire_member(event.type, id), nullptr) << event.name;
  }
  EXPECT_TRUE(has_field(EventType::exec, id));
  EXPECT_FALSE(has_field(EventType::drop, id));
}

TEST(KeyedField, ThereIsNoneWithoutAKey) {
  for (const char* key : {"", " ", "a b", "a\"b", "a|b", "a}b", "a[b]", "\xc3\xa9", "a\nb"}) {
    EXPECT_EQ(find_field(std::string("k8s.pod.label.") + key), std::nullopt) << key;
  }
  EXPECT_EQ(find_field("k8s.pod.label"), FieldId::k8s_pod_label);
  EXPECT_EQ(find_field("k8s.pod.labelapp"), std::nullopt);
  EXPECT_EQ(find_field("k8s.pod.name.app"), std::nullopt);
  EXPECT_TRUE(find_field("k8s.pod.label." + std::string(kMaxFieldKeyBytes, 'a')));
  EXPECT_FALSE(find_field("k8s.pod.label." + std::string(kMaxFieldKeyBytes + 1, 'a')));
}

TEST(KeyedField, WhatIsNoFieldIsNone) {
  const auto beyond = static_cast<FieldId>(60'000);
  EXPECT_EQ(info(beyond).name, "");
  EXPECT_EQ(map_key(beyond).map, beyond);
  EXPECT_EQ(map_key(FieldId::process_pid).map, FieldId::process_pid);
  EXPECT_EQ(map_key(FieldId::process_pid).key, "");
  EXPECT_EQ(keyed_info(FieldId::none), nullptr);
  EXPECT_FALSE(keyed_value(FakeEvent(EventType::exec), beyond).has_value());
}

TEST(KeyedField, HasTheValueOfTheMap) {
  FakeEvent event(EventType::exec);
  const FieldId app = find_field("k8s.pod.label.app").value();
  EXPECT_FALSE(event.value(app).has_value());
  event.map(FieldId::k8s_pod_label, {"tier", "app", "app", "web", "empty", ""});
  EXPECT_EQ(event.value(app).string(), "web");
  EXPECT_FALSE(event.value(find_field("k8s.pod.label.web").value()).has_value());
  EXPECT_FALSE(event.value(find_field("k8s.pod.annotation.app").value()).has_value());
  const Value empty = event.value(find_field("k8s.pod.label.empty").value());
  EXPECT_TRUE(empty.has_value());
  EXPECT_EQ(empty.string(), "");
}

TEST(KeyedField, NamesAreTakenApartWithoutMakingAField) {
  const auto entry = split_map_key("k8s.pod.annotation.never.asked-for");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->map, FieldId::k8s_pod_annotation);
  EXPECT_EQ(entry->key, "never.asked-for");
  EXPECT_EQ(split_map_key("k8s.pod.label.")->key, "");
  EXPECT_FALSE(split_map_key("k8s.pod.label"));
  EXPECT_FALSE(split_map_key("process.name"));
}

// Last in this file: nothing new can be named in this process afterwards.
TEST(KeyedFieldBound, ManyThreadsNameAndReadUntilThereAreNoMore) {
  constexpr std::size_t kThreads = 4;
  std::atomic<std::size_t> refused = 0;
  std::vector<std::vector<FieldId>> found(kThreads);
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::size_t i = 0; i < kMaxKeyedFields + 8; ++i) {
          const std::string name = "k8s.pod.label.many" + std::to_string(i);
          const auto id = find_field(name);
          if (!id) {
            ++refused;
            continue;
          }
          EXPECT_EQ(info(*id).name, name);
          found[thread].push_back(*id);
        }
      });
    }
  }
  EXPECT_GE(refused, 8 * kThreads);
  for (std::size_t thread = 1; thread < kThreads; ++thread) {
    EXPECT_EQ(found[thread], found[0]);
  }
  EXPECT_GT(found[0].size(), kMaxKeyedFields - 100);
  // What there was stays as it was.
  EXPECT_EQ(find_field("k8s.pod.label.many0"), found[0].front());
  EXPECT_EQ(find_field("k8s.pod.label.one-too-many"), std::nullopt);
  EXPECT_EQ(find_field("process.name"), FieldId::process_name);
}

}  // namespace
}  // namespace bongsu
