// SPDX-License-Identifier: Apache-2.0
//
// The forms that others have defined. What their own programs say of them is in tests/e2e/test_payload_formats.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "payload/alert_line.h"
#include "payload/slack_text.h"
#include "unit/payload/payload_testing.h"

namespace bongsu {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST(Ndjson, HasALineForEachAlert) {
  const SharedAlert alert = make_alert();
  EXPECT_EQ(body("ndjson", {alert, alert}, {.batched = true}), alert->json + "\n" + alert->json + "\n");
}

TEST(CloudEvents, OneIsStructured) {
  const SharedAlert alert = make_alert();
  const json event = json_body("cloudevents", {alert});
  EXPECT_EQ(event.at("specversion"), "1.0");
  EXPECT_EQ(event.at("id"), alert->id);
  EXPECT_EQ(event.at("source"), "/bongsu/node-1");
  EXPECT_EQ(event.at("type"), "bongsu.alert");
  EXPECT_EQ(event.at("subject"), "shell-from-server-process");
  EXPECT_EQ(event.at("time"), "2026-11-21T07:34:20.123456789Z");
  EXPECT_EQ(event.at("severity"), "high");
  EXPECT_EQ(event.at("data"), json::parse(alert->json));
  EXPECT_EQ(make_format("cloudevents")->content_type(), "application/cloudevents+json");
}

TEST(CloudEvents, SeveralAreABatch) {
  const json events = json_body("cloudevents", {make_alert(), heartbeat()}, {.batched = true});
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].at("type"), "bongsu.heartbeat");
  EXPECT_EQ(make_format("cloudevents", {.batched = true})->content_type(), "application/cloudevents-batch+json");
}

// Whoever chooses a program's name chooses no source, and a host's odd name makes no odd URI.
TEST(CloudEvents, TheSourceIsTheHost) {
  FakeEvent event = shell_event();
  event.text(FieldId::process_name, R"("host":{"name":"forged"})").text(FieldId::host_name, "a b/\xC3\xA9");
  EXPECT_EQ(json_body("cloudevents", {make_alert(event)}).at("source"), "/bongsu/a%20b%2F%C3%A9");
  EXPECT_EQ(json_body("cloudevents", {odd_alert("{}")}).at("source"), "/bongsu");
  EXPECT_EQ(json_body("cloudevents", {odd_alert(R"({"host": {"name": "n"}})")}).at("source"), "/bongsu/n");
  EXPECT_EQ(json_body("cloudevents", {odd_alert(R"({"host":{"name":"\u0041"}})")}).at("source"), "/bongsu/A");
}

TEST(Elastic, CreatesTheDocumentOfTheAlertsId) {
  const SharedAlert alert = make_alert();
  EXPECT_EQ(body("elastic", {alert}), R"({"create":{"_id":")" + alert->id + "\"}}\n" + alert->json + "\n");
  EXPECT_THAT(body("elastic", {alert}, {.index = "logs-\"x"}), StartsWith(R"({"create":{"_index":"logs-\"x","_id":)"));
}

TEST(Elastic, ReadsTheAnswerItemByItem) {
  const auto format = make_format("elastic", {.batched = true});
  const std::string answer = R"({"took":3,"errors":true,"items":[
    {"create":{"_id":"0","status":201}}, {"create":{"_id":"1","status":409,"error":{"type":"x"}}},
    {"create":{"_id":"2","status":429}}, {"create":{"_id":"3","status":503}},
    {"create":{"_id":"4","status":400,"error":{"type":"document_parsing_exception"}}}, {"create":"?"}]})";
  const auto is = [](std::size_t index, bool again) {
    return AllOf(Field(&Refusal::index, index), Field(&Refusal::again, again));
  };
  EXPECT_THAT(format->refused(answer, 7),
              ElementsAre(is(2, true), is(3, true), is(4, false), is(5, true), is(6, true)));
  EXPECT_THAT(format->refused(R"({"errors":false,"items":[{"create":{"status":400}}]})", 1), IsEmpty());
}

TEST(Alertmanager, LabelsSayWhatAndWhere) {
  const json alerts = json_body("alertmanager", {make_alert()});
  ASSERT_EQ(alerts.size(), 1U);
  EXPECT_EQ(alerts[0].at("labels"), json({{"alertname", "A server process started a shell"},
                                          {"rule_id", "shell-from-server-process"},
                                          {"severity", "high"},
                                          {"source", "bongsu"},
                                          {"node", "node-1"},
                                          {"namespace", "shop"},
                                          {"pod", "web-7d4b"},
                                          {"container", "web"}}));
  EXPECT_EQ(alerts[0].at("annotations").at("summary"), "sh started by nginx");
  EXPECT_EQ(alerts[0].at("annotations").at("tags"), "container,shell");
  EXPECT_EQ(alerts[0].at("startsAt"), "2026-11-21T07:34:20.123456789Z");
  EXPECT_FALSE(alerts[0].contains("endsAt"));
}

TEST(Alertmanager, AnotherProcessOfTheContainerIsTheSameAlert) {
  FakeEvent other = shell_event();
  other.number(FieldId::process_pid, 900)
      .text(FieldId::process_executable, "/bin/dash")
      .date(FieldId::timestamp, kThen + 1);
  const json alerts = json_body("alertmanager", {make_alert(), make_alert(other)}, {.batched = true});
  EXPECT_EQ(alerts[0].at("labels"), alerts[1].at("labels"));
  EXPECT_NE(alerts[0].at("annotations"), alerts[1].at("annotations"));
}

TEST(Alertmanager, HeartbeatsAreOneAlertOfTheNode) {
  const json alerts = json_body("alertmanager", {heartbeat()});
  EXPECT_EQ(alerts[0].at("labels"),
            json({{"alertname", "BongsuWatchdog"}, {"severity", "none"}, {"source", "bongsu"}, {"node", "node-1"}}));
}

json attribute(const json& list, std::string_view key) {
  for (const json& one : list) {
    if (one.at("key") == key) {
      return one.at("value");
    }
  }
  return {};
}

TEST(Otlp, PlaceIsTheResourceAndTheRestTheRecord) {
  const json root = json_body("otlp", {make_alert()});
  const json& logs = root.at("resourceLogs").at(0);
  const json& resource = logs.at("resource").at("attributes");
  EXPECT_EQ(attribute(resource, "service.name"), json({{"stringValue", "bongsu"}}));
  EXPECT_EQ(attribute(resource, "k8s.pod.name"), json({{"stringValue", "web-7d4b"}}));
  EXPECT_EQ(attribute(resource, "k8s.pod.label.app.kubernetes.io/name"), json({{"stringValue", "shop-web"}}));
  EXPECT_EQ(attribute(resource, "container.image.tags"),
            json({{"arrayValue", {{"values", json::array({{{"stringValue", "1.27"}}})}}}}));
  const json& record = logs.at("scopeLogs").at(0).at("logRecords").at(0);
  EXPECT_EQ(record.at("timeUnixNano"), std::to_string(kThen));
  EXPECT_EQ(record.at("severityNumber"), 17);
  EXPECT_EQ(record.at("severityText"), "high");
  EXPECT_EQ(record.at("body"), json({{"stringValue", "sh started by nginx"}}));
  const json& attributes = record.at("attributes");
  EXPECT_EQ(attribute(attributes, "process.pid"), json({{"intValue", "815"}}));
  EXPECT_EQ(attribute(attributes, "process.executable.path"), json({{"stringValue", "/bin/sh"}}));
  EXPECT_EQ(attribute(attributes, "process.command_args").at("arrayValue").at("values").size(), 3U);
  EXPECT_EQ(attribute(attributes, "security_rule.uuid"), json({{"stringValue", "shell-from-server-process"}}));
  EXPECT_TRUE(attribute(attributes, "message").is_null());
  EXPECT_TRUE(attribute(attributes, "k8s.pod.name").is_null());
}

TEST(Otlp, AlertsOfOnePlaceShareAResource) {
  const json root = json_body("otlp", {make_alert(), heartbeat(), make_alert()}, {.batched = true});
  ASSERT_EQ(root.at("resourceLogs").size(), 2U);
  EXPECT_EQ(root.at("resourceLogs").at(0).at("scopeLogs").at(0).at("logRecords").size(), 2U);
}

TEST(Otlp, NumbersHaveTheShapeOfTheConventions) {
  FakeEvent event = shell_event();
  event.number(FieldId::file_mode, 0640).number(FieldId::file_inode, 42).number(FieldId::file_owner, 0);
  const json root = json_body("otlp", {make_alert(event)});
  const json attributes = root.at("resourceLogs").at(0).at("scopeLogs").at(0).at("logRecords").at(0).at("attributes");
  EXPECT_EQ(attribute(attributes, "file.mode"), json({{"stringValue", "0640"}}));
  EXPECT_EQ(attribute(attributes, "file.inode"), json({{"stringValue", "42"}}));
  EXPECT_EQ(attribute(attributes, "file.owner.id"), json({{"stringValue", "0"}}));
}

TEST(Otlp, APartialSuccessTellsOnlyHowMany) {
  const auto format = make_format("otlp", {.batched = true});
  EXPECT_THAT(format->refused(R"({"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"x"}})", 3),
              testing::SizeIs(3));
  EXPECT_THAT(format->refused(R"({"partialSuccess":{"rejectedLogRecords":1}})", 1), testing::SizeIs(1));
  EXPECT_THAT(format->refused(R"({"partialSuccess":{"rejectedLogRecords":"0","errorMessage":"x"}})", 3), IsEmpty());
}

TEST(Slack, ShowsWhatAndWhere) {
  const json message = json_body("slack", {make_alert()});
  EXPECT_THAT(message.at("text"), HasSubstr("HIGH  A server process started a shell: sh started by nginx"));
  const json& blocks = message.at("blocks");
  EXPECT_EQ(blocks.at(0).at("type"), "header");
  EXPECT_EQ(blocks.at(1).at("text").at("text"), "sh started by nginx");
  const std::string facts = blocks.at(2).dump();
  EXPECT_THAT(facts, AllOf(HasSubstr("*Pod*\\nshop/web-7d4b"), HasSubstr("*Image*\\ndocker.io/library/nginx:1.27"),
                           HasSubstr("*Parent*\\nnginx, pid 812")));
  EXPECT_THAT(blocks.at(3).dump(), HasSubstr(make_alert()->id));
}

TEST(Slack, TextMakesNoMentionsAndKeepsItsLength) {
  EXPECT_EQ(slack_text("<!channel> & co", 100), "&lt;!channel&gt; &amp; co");
  EXPECT_EQ(slack_text("abcdef", 6), "abcdef");
  EXPECT_EQ(slack_text("abcdefg", 6), "abc...");
  EXPECT_EQ(slack_text("ab&cdefg", 7), "ab...");                  // not half an escape
  EXPECT_EQ(slack_text("a\xC3\xA9\xC3\xA9\xC3\xA9", 5), "a...");  // not half a character
  for (std::size_t most = 3; most < 40; ++most) {
    EXPECT_LE(slack_text("<<<<<>>>>>&&&&&", most).size(), most);
  }
}

TEST(Slack, KeepsItsLimits) {
  FakeEvent event = shell_event();
  Rule rule = shell_rule();
  rule.name = std::string(1000, '&');
  event.text(FieldId::process_command_line, std::string(16384, '<'))
      .text(FieldId::process_name, std::string(8000, '>'));
  const std::size_t most = make_format("slack", {.batched = true})->most_alerts();
  const json message = json_body("slack", std::vector(most, make_alert(event, rule)), {.batched = true});
  EXPECT_LE(message.at("blocks").size(), kSlackBlocks);
  EXPECT_LE(message.at("text").get<std::string>().size(), 4000U);
  for (const json& block : message.at("blocks")) {
    if (block.at("type") == "header") {
      EXPECT_LE(block.at("text").at("text").get<std::string>().size(), kSlackHeaderBytes);
    } else if (block.contains("text")) {
      EXPECT_LE(block.at("text").at("text").get<std::string>().size(), kSlackSectionBytes);
    } else if (block.contains("fields")) {
      EXPECT_LE(block.at("fields").size(), kSlackFields);
      for (const json& field : block.at("fields")) {
        EXPECT_LE(field.at("text").get<std::string>().size(), kSlackFieldBytes);
      }
    }
  }
}

TEST(Slack, AHeartbeatIsOneSmallLine) {
  const json message = json_body("slack", {heartbeat()});
  ASSERT_EQ(message.at("blocks").size(), 1U);
  EXPECT_EQ(message.at("blocks").at(0).at("type"), "context");
  EXPECT_THAT(message.at("blocks").at(0).dump(), HasSubstr("4711 events judged  node-1"));
}

TEST(AlertLine, GivesBackWhatWasWritten) {
  const SharedAlert written = make_alert();
  const auto read = read_alert(written->json);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->id, written->id);
  EXPECT_EQ(read->time_ns, written->time_ns);
  EXPECT_EQ(read->severity, written->severity);
  EXPECT_EQ(read->rule_id, written->rule_id);
  EXPECT_EQ(read->tags, written->tags);
  EXPECT_EQ(read->json, written->json);
}

TEST(AlertLine, IsNoOtherJson) {
  for (const std::string_view line : {"", "no", "[]", "{}", R"({"event":{"id":"x"}})", R"({"rule":{"id":"x"}})"}) {
    EXPECT_FALSE(read_alert(line)) << line;
  }
}

}  // namespace
}  // namespace bongsu
