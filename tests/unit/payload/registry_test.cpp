// SPDX-License-Identifier: Apache-2.0
//
// What holds for every form of body.
#include "payload/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/payload/payload_testing.h"

namespace bongsu {
namespace {

using testing::ElementsAre;

PayloadOptions options_for(bool batched) {
  return {.version = "1", .name = "one", .batched = batched, .template_json = R"({"m":"{message}"})", .index = "i"};
}

TEST(Payloads, AreTheOnesThatTheConfigurationNames) {
  std::vector<std::string> names;
  for (const PayloadKind& kind : payload_kinds()) {
    names.emplace_back(kind.name);
  }
  EXPECT_THAT(names,
              ElementsAre("alertmanager", "cloudevents", "elastic", "json", "ndjson", "otlp", "slack", "template"));
}

TEST(Payloads, AnUnknownNameFails) { EXPECT_FALSE(make_payload_format("xml", {})); }

TEST(Payloads, HoldOneAlertUnlessBatched) {
  for (const PayloadKind& kind : payload_kinds()) {
    EXPECT_EQ((*kind.make(options_for(false)))->most_alerts(), 1U) << kind.name;
    EXPECT_GT((*kind.make(options_for(true)))->most_alerts(), 1U) << kind.name;
  }
}

TEST(Payloads, AreJsonOrLinesOfIt) {
  const std::vector<SharedAlert> alerts{make_alert(), heartbeat(), make_alert()};
  for (const PayloadKind& kind : payload_kinds()) {
    for (const bool batched : {false, true}) {
      const auto format = *kind.make(options_for(batched));
      std::string text = format->body(batched ? Alerts(alerts) : Alerts(alerts).first(1));
      if (format->content_type() != "application/x-ndjson") {
        EXPECT_EQ(text.find('\n'), std::string::npos) << kind.name;
        text += '\n';
      }
      ASSERT_TRUE(text.ends_with('\n')) << kind.name;
      for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        EXPECT_TRUE(nlohmann::json::accept(text.substr(begin, end - begin))) << kind.name << ": " << text;
        begin = end + 1;
      }
    }
  }
}

// Those that read the alert's JSON have to do without when there is none.
TEST(Payloads, TellAnAlertWhoseJsonCannotBeRead) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) {
    deep += R"({"a":)";
  }
  for (const PayloadKind& kind : payload_kinds()) {
    if (kind.name == "alertmanager" || kind.name == "otlp" || kind.name == "slack") {
      for (const std::string& broken : {std::string("no json"), std::string("[]"), std::string(), deep}) {
        const auto text = (*kind.make(options_for(false)))->body(std::vector{odd_alert(broken)});
        EXPECT_TRUE(nlohmann::json::accept(text)) << kind.name;
        EXPECT_NE(text.find("shell-from-server-process"), std::string::npos) << kind.name << text;
        EXPECT_NE(text.find(make_alert()->id), std::string::npos) << kind.name << text;
      }
    }
  }
}

TEST(Payloads, SayNothingOfAnAnswerThatTheyDoNotUnderstand) {
  for (const PayloadKind& kind : payload_kinds()) {
    const auto format = *kind.make(options_for(true));
    for (const std::string_view answer : {"", "ok", "{}", "[]", "null", "{\"errors\":\"yes\"}", "{\"items\":[{}]}",
                                          R"({"partialSuccess":{}})", R"({"partialSuccess":[]})", "\xff"}) {
      EXPECT_TRUE(format->refused(answer, 2).empty()) << kind.name << ": " << answer;
    }
  }
}

}  // namespace
}  // namespace bongsu
