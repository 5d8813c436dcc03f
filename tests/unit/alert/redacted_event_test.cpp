// SPDX-License-Identifier: Apache-2.0
#include "alert/redacted_event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "alert/builder.h"
#include "rules/message.h"
#include "support/fake_event.h"

namespace bongsu {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

std::unique_ptr<Redactor> make(const std::vector<std::string>& patterns = {}) { return *Redactor::make(patterns); }

Rule rule_saying(std::string_view message) {
  Rule rule;
  rule.id = "r";
  rule.name = "R";
  rule.events = {EventType::exec};
  rule.message = *parse_message(message, rule.events);
  return rule;
}

FakeEvent exec_of(std::vector<std::string> args) {
  std::string line;
  for (const std::string& arg : args) {
    line += (line.empty() ? "" : " ") + arg;
  }
  FakeEvent event(EventType::exec);
  event.date(FieldId::timestamp, 1).text(FieldId::process_name, args.front());
  event.list(FieldId::process_args, std::move(args)).text(FieldId::process_command_line, line);
  return event;
}

TEST(RedactedEvent, TheSecretIsNowhereInAnAlert) {
  const auto redactor = make();
  FakeEvent event = exec_of({"app", "--password", "hunter two", "-v"});
  event.list(FieldId::process_parent_args, {"sh", "-c", "app --password 'hunter two' -v"})
      .text(FieldId::process_parent_command_line, "sh -c app --password 'hunter two' -v")
      .text(FieldId::process_working_directory, "/x?token=hunter")
      .map(FieldId::k8s_pod_annotation, {"team", "a", "db-password", "hunter"});
  const Rule rule = rule_saying("{process.args} / {process.command_line} / {k8s.pod.annotation.db-password}");
  const AlertBuilder builder({"1", TextStyle::plain, redactor.get()});
  const auto alert = builder.build(event, rule);
  const json parsed = json::parse(alert->json);
  EXPECT_THAT(alert->json + alert->text, Not(HasSubstr("hunter")));
  EXPECT_THAT(alert->json + alert->text, Not(HasSubstr("two")));
  EXPECT_EQ(parsed["process"]["args"], json::parse(R"(["app", "--password", "[redacted]", "-v"])"));
  EXPECT_EQ(parsed["process"]["command_line"], "app --password [redacted] -v");
  EXPECT_EQ(parsed["process"]["parent"]["command_line"], "sh -c app --password '[redacted]' -v");
  EXPECT_EQ(parsed["process"]["working_directory"], "/x?token=[redacted]");
  EXPECT_EQ(parsed["k8s"]["pod"]["annotation"], json::parse(R"({"team": "a", "db-password": "[redacted]"})"));
  EXPECT_EQ(parsed["message"], "app --password [redacted] -v / app --password [redacted] -v / [redacted]");
  EXPECT_THAT(alert->text, HasSubstr("command=app --password [redacted] -v"));
  EXPECT_EQ(alert->id, AlertBuilder({"1", TextStyle::none}).build(event, rule)->id);
  EXPECT_THAT(AlertBuilder({"1", TextStyle::none}).build(event, rule)->json, HasSubstr("hunter two"));
}

TEST(RedactedEvent, ACommandLineThatIsNotTheArgumentsJoinedHidesTheSameSecrets) {
  const auto redactor = make();
  FakeEvent event = exec_of({"app", "--password", "hunter two"});
  event.text(FieldId::process_command_line, R"(app hunter two "--password" 'hunter two')");
  const RedactedEvent redacted(event, *redactor);
  EXPECT_EQ(redacted.value(FieldId::process_command_line).string(), R"(app [redacted] "--password" '[redacted]')");
}

TEST(RedactedEvent, ASecretCountsOnceHoweverOftenItIsShown) {
  const auto redactor = make({"hunter2"});
  const FakeEvent event = exec_of({"app", "hunter2"});
  (void)AlertBuilder({"1", TextStyle::plain, redactor.get()}).build(event, rule_saying("{process.command_line}"));
  EXPECT_EQ(redactor->redacted().back().pattern, "custom-1");
  EXPECT_EQ(redactor->redacted().back().count, 1U);
}

TEST(RedactedEvent, AMatchThatReachesOverArgumentsLeavesThemApart) {
  const auto redactor = make({"b c d"});
  const FakeEvent event = exec_of({"a b", "c", "d e"});
  const RedactedEvent redacted(event, *redactor);
  std::vector<std::string> items;
  redacted.value(FieldId::process_args).list().any([&](std::string_view item) {
    items.emplace_back(item);
    return false;
  });
  EXPECT_THAT(items, testing::ElementsAre("a [redacted]", "[redacted]", "[redacted] e"));
}

TEST(RedactedEvent, WhatTheMonitorSaysItselfIsAsItIs) {
  const auto redactor = make({"."});
  FakeEvent event(EventType::exec);
  for (const FieldInfo& field : fields()) {
    if (field.type == FieldType::string) {
      event.text(field.id, "x");
    }
  }
  const RedactedEvent redacted(event, *redactor);
  for (const FieldId id : {FieldId::host_name, FieldId::container_id, FieldId::process_entity_id, FieldId::event_action,
                           FieldId::k8s_pod_name, FieldId::file_type, FieldId::source_ip, FieldId::bpf_command,
                           FieldId::container_image_name, FieldId::agent_reason}) {
    EXPECT_EQ(redacted.value(id).string(), "x") << info(id).name;
  }
  for (const FieldId id :
       {FieldId::process_name, FieldId::file_path, FieldId::file_target_path, FieldId::process_target_executable,
        FieldId::process_previous_thread_name, FieldId::socket_path, FieldId::process_memfd_name}) {
    EXPECT_EQ(redacted.value(id).string(), kRedacted) << info(id).name;
  }
}

TEST(RedactedEvent, AnyBytesAndLongArgumentsStayOneValidLine) {
  const auto redactor = make();
  const std::string junk(16U << 10U, '\xfe');
  const FakeEvent event = exec_of({"app", junk, "--token", "\xff\xfe\xfd", "pass\xc3\xa4w\xc3\xb6rt"});
  const auto alert = AlertBuilder({"1", TextStyle::none, redactor.get()}).build(event, rule_saying("x"));
  EXPECT_EQ(json::parse(alert->json)["process"]["args"][3], kRedacted);
  EXPECT_EQ(json::parse(alert->json)["process"]["args"][4], "passäwört");
  EXPECT_THAT(alert->json, Not(HasSubstr("\n")));
}

}  // namespace
}  // namespace bongsu
