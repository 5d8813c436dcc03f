// SPDX-License-Identifier: Apache-2.0
#include "alert/members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "alert/builder.h"
#include "alert/ecs_names.h"
#include "alert/otel_names.h"
#include "support/fake_event.h"

namespace bongsu {
namespace {

using nlohmann::json;

void collect(const json& value, const std::string& path, std::set<std::string>& paths) {
  if (!value.is_object() || path == "k8s.pod.label" || path == "k8s.pod.annotation") {
    paths.insert(path);
    return;
  }
  for (const auto& [name, inner] : value.items()) {
    collect(inner, path.empty() ? name : path + "." + name, paths);
  }
}

// An alert with a value for every field there is, and everything a rule can add.
json whole_alert() {
  FakeEvent event(EventType::exec);
  for (const FieldInfo& field : fields()) {
    switch (field.type) {
      case FieldType::date:
        event.date(field.id, 1);
        break;
      case FieldType::integer:
      case FieldType::boolean:
        event.number(field.id, 1);
        break;
      case FieldType::string:
        event.text(field.id, "x");
        break;
      case FieldType::string_list:
        event.list(field.id, {"x"});
        break;
      case FieldType::string_map:
        event.map(field.id, {"a.b", "x"});
        break;
    }
  }
  Rule rule;
  rule.id = "r";
  rule.name = "R";
  rule.description = "Why.";
  rule.tags = {"t"};
  rule.attack = {"T1105"};
  return json::parse(AlertBuilder({"1", TextStyle::none}).build(event, rule)->json);
}

TEST(Members, AreAllThatAnAlertHasAndNoMore) {
  std::set<std::string> written;
  collect(whole_alert(), "", written);
  written.insert({"bongsu.rollup.count", "bongsu.rollup.first", "bongsu.rollup.last"});
  std::set<std::string> listed;
  for (const AlertMember& member : alert_members()) {
    EXPECT_TRUE(listed.emplace(member.name).second) << member.name << " twice";
    EXPECT_FALSE(member.doc.empty()) << member.name;
  }
  EXPECT_EQ(written, listed);
}

TEST(Members, TheSchemaRequiresWhatEveryAlertHas) {
  const json schema = json::parse(alert_schema());
  EXPECT_EQ(schema["properties"]["rule"]["required"], json::parse(R"(["id", "name", "severity"])"));
  EXPECT_EQ(schema["properties"]["k8s"].count("required"), 0U);
  EXPECT_EQ(schema["required"], json::parse(R"(["event", "rule", "message", "ecs", "agent"])"));
  EXPECT_EQ(schema["properties"]["process"]["properties"]["pid"]["type"], "integer");
}

TEST(Members, NamesOfBothSchemasAreThoseOfMembers) {
  std::set<std::string_view> members;
  for (const AlertMember& member : alert_members()) {
    members.insert(member.name);
  }
  for (const OtelName& name : otel_names()) {
    EXPECT_TRUE(members.contains(name.name)) << name.name;
  }
  EXPECT_EQ(otel_name("process.executable").otel, "process.executable.path");
  EXPECT_EQ(otel_name("process.entity_id").otel, "process.entity_id");
  EXPECT_EQ(find_otel_name("process.entity_id"), nullptr);
  EXPECT_TRUE(is_ecs_name("process.pid"));
  EXPECT_FALSE(is_ecs_name("bpf.program.name"));
  EXPECT_FALSE(is_ecs_name("rule.severity"));
}

TEST(Members, TheReferenceHasARowForEach) {
  const std::string page = alerts_markdown();
  for (const AlertMember& member : alert_members()) {
    EXPECT_THAT(page, testing::HasSubstr("\n| `" + std::string(member.name) + "` | "));
  }
  EXPECT_THAT(page, testing::HasSubstr("shop:[redacted]"));
  EXPECT_THAT(page, testing::Not(testing::HasSubstr("hunter2")));
}

}  // namespace
}  // namespace bongsu
