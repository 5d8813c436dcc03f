// SPDX-License-Identifier: Apache-2.0
#include "rules/message.h"

#include <gtest/gtest.h>

#include "rules/literal.h"
#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

std::string rendered(const std::string& message, const std::string& fields) {
  Rule rule;
  const EventType exec = EventType::exec;
  Result<std::vector<MessagePart>> parts = parse_message(message, {&exec, 1});
  EXPECT_TRUE(parts) << message;
  rule.message = std::move(*parts);
  return render_message(rule, testing::event_of(EventType::exec, fields));
}

TEST(Message, Renders) {
  const std::string fields =
      R"({"process.name": "sh", "process.pid": 7, "process.args": ["sh", "-c", "id"], "container.id": "c1"})";
  EXPECT_EQ(rendered("plain", fields), "plain");
  EXPECT_EQ(rendered("{process.name}", fields), "sh");
  EXPECT_EQ(rendered("{process.name}({process.pid}) ran", fields), "sh(7) ran");
  EXPECT_EQ(rendered("{process.args}", fields), "sh -c id");
  EXPECT_EQ(rendered("in {k8s.pod.uid|container.id}", fields), "in c1");
  EXPECT_EQ(rendered("in {k8s.pod.uid|container.id|\"the host\"}", "{}"), "in the host");
  EXPECT_EQ(rendered("in {container.id|\"a | b\"}.", "{}"), "in a | b.");
  EXPECT_EQ(rendered("in {container.id}.", "{}"), "in -.");
  EXPECT_EQ(rendered("in {container.id|\"\"}.", "{}"), "in .");
  EXPECT_EQ(rendered("{{process.name}} {{{process.name}}}", fields), "{process.name} {sh}");
  EXPECT_EQ(rendered("", fields), "");
}

TEST(Message, IsSafeToPrint) {
  const std::string text = rendered("a\x1b[31m{process.name}\n", R"({"process.name": "x\u001b[2J\ny"})");
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_NE(text.find('y'), std::string::npos);
}

TEST(Message, OfARuleWithoutOneIsItsName) {
  const LoadedRules loaded = testing::load_text(
      R"({"rules": [{"id": "r", "name": "A {rule}", "severity": "critical", "event": "exec", "tags": ["t"], "attack": ["T1059"],
          "description": "d"}]})");
  ASSERT_FALSE(loaded.has_errors());
  const Rule& rule = loaded.rules->rules()[0];
  EXPECT_EQ(render_message(rule, JsonEventView(EventType::exec)), "A {rule}");
  EXPECT_EQ(rule.severity, Severity::critical);
  EXPECT_EQ(rule.description, "d");
  EXPECT_EQ(rule.tags, std::vector<std::string>{"t"});
  EXPECT_EQ(rule.attack, std::vector<std::string>{"T1059"});
  EXPECT_EQ(rule.file, "rules.json");
}

TEST(SeverityNames, RoundTrip) {
  for (const Severity severity :
       {Severity::info, Severity::low, Severity::medium, Severity::high, Severity::critical}) {
    EXPECT_EQ(parse_severity(to_string(severity)), severity);
  }
  EXPECT_EQ(to_string(Severity::info), "info");
  EXPECT_EQ(to_string(Severity::critical), "critical");
  EXPECT_EQ(parse_severity("High"), std::nullopt);
}

TEST(Timestamp, Parses) {
  const struct {
    const char* text;
    std::int64_t unix_ns;
  } good[] = {{"1970-01-01T00:00:00Z", 0},
              {"1970-01-01T00:00:01.5Z", 1'500'000'000},
              {"1969-12-31T23:59:59Z", -1'000'000'000},
              {"2026-11-21T07:34:20.123456789Z", 1'795'246'460'123'456'789},
              {"2026-11-21t09:34:20.123456789+02:00", 1'795'246'460'123'456'789},
              {"2024-02-29T00:00:00-00:30", 1'709'166'600'000'000'000}};
  for (const auto& c : good) {
    std::int64_t unix_ns = -1;
    EXPECT_TRUE(parse_timestamp(c.text, unix_ns)) << c.text;
    EXPECT_EQ(unix_ns, c.unix_ns) << c.text;
  }
  for (const char* text : {"", "2026-11-21", "2026-11-21T07:34:20", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z",
                           "2026-11-21T07:34:20.Z", "2026-11-21T07:34:20Zx", "2026-11-21T07:34:20.1234567890Z",
                           "9999-01-01T00:00:00Z", "2026-11-21T07:34:20+2:00"}) {
    std::int64_t unix_ns = 0;
    EXPECT_FALSE(parse_timestamp(text, unix_ns)) << text;
  }
}

}  // namespace
}  // namespace bongsu
