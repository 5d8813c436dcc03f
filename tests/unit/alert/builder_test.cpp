// SPDX-License-Identifier: Apache-2.0
#include "alert/builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "alert/event_id.h"
#include "alert/text.h"
#include "base/random.h"
#include "rules/message.h"
#include "support/fake_event.h"

namespace bongsu {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

constexpr std::int64_t kThen = 1'795'246'460'123'456'789;  // 2026-11-21T07:34:20.123456789Z

Rule shell_rule() {
  Rule rule;
  rule.id = "shell-from-server-process";
  rule.name = "A server process started a shell";
  rule.description = "Why it matters.";
  rule.severity = Severity::high;
  rule.events = {EventType::exec};
  rule.message = *parse_message("{process.name} started by {process.parent.name}", rule.events);
  rule.tags = {"container", "shell"};
  rule.attack = {"T1059.004"};
  return rule;
}

FakeEvent shell_event() {
  FakeEvent event(EventType::exec);
  event.date(FieldId::timestamp, kThen)
      .text(FieldId::event_action, "exec")
      .list(FieldId::event_category, {"process"})
      .number(FieldId::process_pid, 815)
      .text(FieldId::process_name, "sh")
      .text(FieldId::process_executable, "/bin/sh")
      .list(FieldId::process_args, {"sh", "-c", "id"})
      .text(FieldId::process_command_line, "sh -c id")
      .text(FieldId::process_parent_name, "nginx")
      .number(FieldId::process_parent_pid, 812)
      .text(FieldId::container_id, std::string(64, 'a'))
      .text(FieldId::k8s_pod_uid, "0123-uid");
  return event;
}

class Builder : public testing::Test {
 protected:
  std::shared_ptr<const Alert> build(const EventView& event, const Rule& rule, TextStyle style = TextStyle::none) {
    return AlertBuilder({"1.2.3", style}).build(event, rule);
  }
};

TEST_F(Builder, OneObjectWithTheEventAndTheEnvelope) {
  const auto alert = build(shell_event(), shell_rule());
  EXPECT_EQ(alert->severity, Severity::high);
  EXPECT_EQ(alert->rule_id, "shell-from-server-process");
  EXPECT_THAT(alert->tags, testing::ElementsAre("container", "shell"));
  EXPECT_TRUE(alert->text.empty());
  EXPECT_EQ(json::parse(alert->json), json::parse(R"({
    "@timestamp": "2026-11-21T07:34:20.123456789Z",
    "event": {"id": ")" + alert->id + R"(", "kind": "alert", "severity": 4, "action": "exec", "category": ["process"]},
    "process": {"pid": 815, "name": "sh", "executable": "/bin/sh", "args": ["sh", "-c", "id"],
                "command_line": "sh -c id", "parent": {"name": "nginx", "pid": 812}},
    "container": {"id": ")" + std::string(64, 'a') +
                                                  R"("},
    "k8s": {"pod": {"uid": "0123-uid"}},
    "rule": {"id": "shell-from-server-process", "name": "A server process started a shell",
             "description": "Why it matters.", "severity": "high"},
    "threat": {"framework": "MITRE ATT&CK", "technique": {"id": ["T1059.004"]}},
    "tags": ["container", "shell"],
    "message": "sh started by nginx",
    "ecs": {"version": "8.17"},
    "agent": {"name": "bongsu", "type": "bongsu", "version": "1.2.3"}
  })"))
      << alert->json;
}

TEST_F(Builder, ARollUpSaysHowManyAndFromWhenToWhen) {
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  const Rollup rollup{.count = 12, .first_ns = kThen, .last_ns = kThen + 9 * kSecondNs};
  const AlertBuilder builder({"1.2.3", TextStyle::plain});
  const auto alert = builder.build(shell_event(), shell_rule(), &rollup);
  const json parsed = json::parse(alert->json);
  EXPECT_EQ(parsed["bongsu"], json::parse(R"({"rollup": {"count": 12, "first": "2026-11-21T07:34:20.123456789Z",
                                                         "last": "2026-11-21T07:34:29.123456789Z"}})"));
  const std::string words =
      "12 more between 2026-11-21T07:34:20.123456789Z and 2026-11-21T07:34:29.123456789Z: sh started by nginx";
  EXPECT_EQ(parsed["message"], words);
  EXPECT_THAT(alert->text, HasSubstr(words));
  EXPECT_EQ(parsed["process"]["pid"], 815);
  EXPECT_NE(alert->id, builder.build(shell_event(), shell_rule())->id);
}

// nlohmann keeps the last of two equal keys; a receiver may do anything.
void expect_no_key_twice(const std::string& text) {
  std::vector<std::set<std::string>> open;
  const json::parser_callback_t callback = [&](int, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) {
      open.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      open.pop_back();
    } else if (event == json::parse_event_t::key) {
      EXPECT_TRUE(open.back().insert(parsed.get<std::string>()).second) << parsed;
    }
    return true;
  };
  EXPECT_TRUE(json::parse(text, callback).is_object());
}

TEST_F(Builder, NoKeyStandsTwiceWhateverFieldsHaveValues) {
  FakeEvent event(EventType::exec);
  for (const FieldInfo& field : fields()) {
    switch (field.type) {
      case FieldType::boolean:
      case FieldType::integer:
        event.number(field.id, 1);
        break;
      case FieldType::date:
        event.date(field.id, kThen);
        break;
      case FieldType::string:
        event.text(field.id, "x");
        break;
      case FieldType::string_list:
        event.list(field.id, {"x"});
        break;
      case FieldType::string_map:
        event.map(field.id, {"app", "x", "app.kubernetes.io/name", "x"});
        break;
    }
  }
  const auto alert = build(event, shell_rule());
  expect_no_key_twice(alert->json);
  EXPECT_EQ(json::parse(alert->json)["process"]["parent"]["name"], "x");
}

TEST_F(Builder, AnEventWithoutFieldsStillHasItsEnvelope) {
  Rule bare;
  bare.id = "r";
  const auto alert = build(FakeEvent(EventType::exec), bare);
  const json parsed = json::parse(alert->json);
  EXPECT_EQ(parsed["event"]["kind"], "alert");
  EXPECT_EQ(parsed["rule"]["id"], "r");
  EXPECT_FALSE(parsed.contains("threat"));
  EXPECT_FALSE(parsed.contains("tags"));
  expect_no_key_twice(alert->json);
}

TEST_F(Builder, AgentEventsAreNoAlertsInTheSenseOfEcs) {
  FakeEvent event(EventType::drop);
  event.text(FieldId::event_action, "drop").number(FieldId::agent_count, 7);
  const json parsed = json::parse(build(event, shell_rule())->json);
  EXPECT_EQ(parsed["event"]["kind"], "pipeline_error");
  EXPECT_EQ(parsed["bongsu"]["count"], 7);
}

TEST_F(Builder, AnyBytesStayOneValidLine) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    all += static_cast<char>(byte);
  }
  const std::string nasty = all + "\n\r\"\\{}\x1b[2J\xe2\x80\xa8\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf\xe2\x82" + all;
  FakeEvent event = shell_event();
  event.text(FieldId::process_name, nasty)
      .text(FieldId::process_executable, nasty)
      .text(FieldId::process_parent_name, nasty)
      .text(FieldId::process_command_line, nasty)
      .text(FieldId::container_id, nasty)
      .list(FieldId::process_args, {nasty, "", nasty});
  Rule rule = shell_rule();
  rule.name = nasty;
  rule.description = nasty;
  rule.tags = {nasty};
  const auto alert = build(event, rule, TextStyle::plain);
  EXPECT_THAT(alert->json, Not(HasSubstr("\n")));
  EXPECT_THAT(alert->json, Not(HasSubstr("\r")));
  const json parsed = json::parse(alert->json);  // throws on invalid UTF-8
  EXPECT_EQ(parsed["process"]["args"].size(), 3U);
  // dump() throws on invalid UTF-8 too.
  EXPECT_FALSE(json(alert->text).dump().empty());
  std::size_t lines = 1;
  for (const char c : alert->text) {
    lines += c == '\n' ? 1 : 0;
    EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
  }
  EXPECT_EQ(lines, 2U);
  EXPECT_LT(alert->text.size(), 4096U);
}

TEST_F(Builder, TextIsReadAtAGlance) {
  EXPECT_EQ(build(shell_event(), shell_rule(), TextStyle::plain)->text,
            "2026-11-21T07:34:20.123Z HIGH     A server process started a shell: sh started by nginx\n"
            "    pod=0123-uid  container=aaaaaaaaaaaa  process=/bin/sh[815]  parent=nginx[812]  command=sh -c id");
  const auto coloured = build(shell_event(), shell_rule(), TextStyle::colour)->text;
  EXPECT_THAT(coloured, StartsWith("2026-11-21T07:34:20.123Z \x1b[31mHIGH    \x1b[0m A server"));
  // Without fields there is one line, and no time.
  EXPECT_THAT(build(FakeEvent(EventType::exec), shell_rule(), TextStyle::plain)->text,
              StartsWith("HIGH     A server process started a shell: "));
}

TEST_F(Builder, TextNamesPodContainerAndImageWhereTheyAreKnown) {
  FakeEvent event = shell_event();
  event.text(FieldId::k8s_namespace_name, "shop")
      .text(FieldId::k8s_pod_name, "web-7d9c")
      .text(FieldId::container_name, "nginx")
      .text(FieldId::container_image_name, "docker.io/library/nginx")
      .text(FieldId::container_image_tag, "1.27");
  EXPECT_THAT(build(event, shell_rule(), TextStyle::plain)->text,
              HasSubstr("\n    pod=shop/web-7d9c  container=nginx  image=docker.io/library/nginx:1.27  process="));
  FakeEvent half(EventType::exec);
  half.text(FieldId::k8s_pod_name, "web-7d9c").text(FieldId::container_image_name, "nginx");
  EXPECT_THAT(build(half, shell_rule(), TextStyle::plain)->text, EndsWith("\n    pod=web-7d9c  image=nginx"));
}

TEST_F(Builder, JsonHasTheLabelsAsTheyAre) {
  FakeEvent event = shell_event();
  event.map(FieldId::k8s_pod_label, {"app", "web", "app.kubernetes.io/name", "x"});
  const json parsed = json::parse(build(event, shell_rule())->json);
  EXPECT_EQ(parsed["k8s"]["pod"], json::parse(R"({"uid": "0123-uid",
      "label": {"app": "web", "app.kubernetes.io/name": "x"}})"));
}

TEST_F(Builder, IsBounded) {
  FakeEvent event = shell_event();
  event.text(FieldId::process_name, std::string(100'000, 'x'));
  const auto alert = build(event, shell_rule(), TextStyle::plain);
  EXPECT_EQ(json::parse(alert->json)["message"].get<std::string>().size(), 4096U);
  EXPECT_LT(alert->text.size(), 2000U);
  EXPECT_GE(alert->bytes(), alert->json.size() + alert->text.size());
}

TEST(Clipped, NeverCutsACharacterInTwo) {
  EXPECT_EQ(clipped("abc", 3), "abc");
  EXPECT_EQ(clipped("abcdef", 5), "ab...");
  const std::string euro = "\xe2\x82\xac";
  EXPECT_EQ(clipped("a" + euro + euro, 6), "a...");
  EXPECT_EQ(clipped("aa" + euro + euro, 7), "aa...");
  EXPECT_EQ(clipped("a" + euro + euro + euro, 7), "a" + euro + "...");
}

std::string id_at(std::int64_t time_ns) {
  return make_event_id(shell_event().date(FieldId::timestamp, time_ns), shell_rule());
}

TEST(EventId, IsAVersion7UuidThatSortsByTime) {
  const std::string first = id_at(kThen);
  EXPECT_THAT(first, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_EQ(first.substr(0, 13), "01a1fd07-0cdb");  // the milliseconds
  EXPECT_LT(first, id_at(kThen + 1'000));
  EXPECT_LT(id_at(kThen + 1'000), id_at(kThen + 1'000'000));
}

TEST(EventId, IsTheSameForTheSameFindingOnly) {
  const std::string id = id_at(kThen);
  EXPECT_EQ(id, id_at(kThen));
  EXPECT_NE(id, id_at(kThen + 1)) << "within one of the id's fractions of time";
  Rule other = shell_rule();
  other.id = "another";
  EXPECT_NE(id, make_event_id(shell_event(), other));
  EXPECT_NE(id, make_event_id(shell_event().number(FieldId::process_thread_id, 816), shell_rule()));
  EXPECT_NE(id, make_event_id(shell_event().text(FieldId::process_entity_id, "another-boot"), shell_rule()));
  EXPECT_NE(id, make_event_id(shell_event().number(FieldId::process_target_pid, 1), shell_rule()));
  // What is shown but does not tell events apart may be masked.
  EXPECT_EQ(id, make_event_id(shell_event().text(FieldId::process_command_line, "***"), shell_rule()));
  FakeEvent drop(EventType::drop);
  drop.date(FieldId::timestamp, kThen).text(FieldId::agent_event, "open").number(FieldId::agent_count, 7);
  const std::string seven = make_event_id(drop, other);
  EXPECT_NE(seven, make_event_id(drop.number(FieldId::agent_count, 8), other));
}

TEST(SystemRandom, Fills) {
  SystemRandom random;
  std::array<std::byte, 32> a{};
  std::array<std::byte, 32> b{};
  random.fill(a);
  random.fill(b);
  EXPECT_NE(a, b);
  for (int i = 0; i < 100; ++i) {
    EXPECT_LT(random.below(3), 3U);
  }
}

}  // namespace
}  // namespace bongsu
