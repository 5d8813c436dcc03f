// SPDX-License-Identifier: Apache-2.0
#include "sinks/syslog_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bongsu {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Alert full() {
  Alert alert;
  alert.id = "e-1";
  alert.time_ns = 1'069'013'655'003'123'456;
  alert.severity = Severity::critical;
  alert.rule_id = "shell-in-container";
  alert.json = R"({"host":{"name":"node-1"},"k8s":{"namespace":{"name":"shop"},"pod":{"name":"web-0"}},)"
               R"("container":{"name":"a\"b]c\\d\ne"},"message":"a shell\nran"})";
  return alert;
}

TEST(SyslogMessage, HasEveryPart) {
  const SyslogMessage message = syslog_message(full(), 13, "42");
  EXPECT_EQ(message.head,
            "<106>1 2003-11-16T20:14:15.003123Z node-1 bongsu 42 shell-in-container "
            R"([bongsu@32473 eventId="e-1" ruleId="shell-in-container" severity="critical" )"
            R"(namespace="shop" pod="web-0" container="a\"b\]c\\d\\x0ae"] )");
  EXPECT_EQ(message.summary, "a shell\\x0aran");
}

TEST(SyslogMessage, HasAPriorityForEachSeverity) {
  Alert alert = full();
  const std::pair<Severity, const char*> cases[] = {{Severity::critical, "<130>"},
                                                    {Severity::high, "<131>"},
                                                    {Severity::medium, "<132>"},
                                                    {Severity::low, "<133>"},
                                                    {Severity::info, "<134>"}};
  for (const auto& [severity, priority] : cases) {
    alert.severity = severity;
    EXPECT_THAT(syslog_message(alert, 16, "1").head, StartsWith(priority));
  }
}

TEST(SyslogMessage, HasNothingForWhatIsNotKnown) {
  Alert alert;
  alert.json = "{}";
  EXPECT_EQ(syslog_message(alert, 0, "1").head, R"(<6>1 - - bongsu 1 - [bongsu@32473 severity="info"] )");
  alert.json = "no JSON";
  alert.time_ns = 1'000'000'000;
  EXPECT_EQ(syslog_message(alert, 0, "1").head,
            R"(<6>1 1970-01-01T00:00:01.000000Z - bongsu 1 - [bongsu@32473 severity="info"] )");
}

TEST(SyslogMessage, CutsWhatIsTooLongAndReplacesWhatMayNotStandThere) {
  Alert alert = full();
  alert.rule_id = "a b\xC3\xA4" + std::string(100, 'r');
  alert.json =
      R"({"host":{"name":")" + std::string(300, 'h') + R"("},"container":{"name":")" + std::string(300, 'c') + R"("}})";
  const std::string head = syslog_message(alert, 1, "1").head;
  EXPECT_THAT(head, HasSubstr(" " + std::string(255, 'h') + " bongsu "));
  EXPECT_THAT(head, HasSubstr(" a?b??" + std::string(27, 'r') + " ["));
  EXPECT_THAT(head, HasSubstr("container=\"" + std::string(253, 'c') + "...\""));
}

}  // namespace
}  // namespace bongsu
