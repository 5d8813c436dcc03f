// SPDX-License-Identifier: Apache-2.0
#include "payload/template_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "payload/alert_fields.h"
#include "unit/payload/payload_testing.h"

namespace bongsu {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string filled(std::string_view text, const SharedAlert& alert = make_alert()) {
  return body("template", {alert}, {.template_json = std::string(text)});
}

std::string error_of(std::string_view text) {
  const auto document = TemplateDocument::parse(text);
  return document ? "none" : document.error().to_string();
}

TEST(Template, WithoutPlaceholdersItStaysAsItIs) {
  EXPECT_EQ(filled(R"( {"b": [1, 2.50, -1e300, 12345678901234567890, true, null, "x\n\u0001"], "a": {}} )"),
            R"({"b":[1,2.50,-1e300,12345678901234567890,true,null,"x\n\u0001"],"a":{}})");
}

TEST(Template, AStringThatIsOnePlaceholderTakesTheValuesType) {
  EXPECT_EQ(filled(R"(["{process.pid}", "{process.name}", "{process.args}", "{k8s.pod.uid}", "{tags}"])"),
            R"([815,"sh",["sh","-c","id"],null,["container","shell"]])");
  EXPECT_EQ(filled(R"("{rule}")"), json::parse(make_alert()->json).at("rule").dump());
  EXPECT_EQ(filled(R"("{alert}")"), make_alert()->json);
}

TEST(Template, InAStringValuesAreText) {
  EXPECT_EQ(filled(R"("{process.name} ({process.pid}): {process.args}|{k8s.pod.uid}|")"), R"("sh (815): sh -c id||")");
}

TEST(Template, TheFirstThatIsThereElseTheText) {
  EXPECT_EQ(filled(R"("in {k8s.pod.uid|k8s.pod.name|\"the host\"}")"), R"("in web-7d4b")");
  EXPECT_EQ(filled(R"("in {k8s.pod.uid|\"the host\"}")"), R"("in the host")");
  EXPECT_EQ(filled(R"("{k8s.pod.uid|\"\"}")"), R"("")");
}

TEST(Template, BracesAreDoubled) {
  EXPECT_EQ(filled(R"("{{process.name}} {process.name}")"), R"("{process.name} sh")");
}

TEST(Template, KeysOfMapsStandAsTheyAre) {
  EXPECT_EQ(filled(R"(["{k8s.pod.label.app}", "{k8s.pod.label.app.kubernetes.io/name}", "{k8s.pod.label.none}"])"),
            R"(["web","shop-web",null])");
  EXPECT_EQ(filled(R"("{k8s.pod.label}")"), R"({"app":"web","app.kubernetes.io/name":"shop-web"})");
}

TEST(Template, TextStaysInItsString) {
  FakeEvent event = shell_event();
  event.text(FieldId::process_name, "\"}, \"x\": {\"\n\xFF{rule.id}");
  const json read = json::parse(filled(R"({"a": "<{process.name}>", "b": "{process.name}"})", make_alert(event)));
  EXPECT_EQ(read.size(), 2U);
  EXPECT_EQ(read.at("a"), "<\"}, \"x\": {\"\n\uFFFD{rule.id}>");
  EXPECT_EQ(read.at("b"), "\"}, \"x\": {\"\n\uFFFD{rule.id}");
}

TEST(Template, SeveralAreAnArray) {
  EXPECT_EQ(
      body("template", {make_alert(), make_alert()}, {.batched = true, .template_json = R"({"p":"{process.pid}"})"}),
      R"([{"p":815},{"p":815}])");
}

TEST(Template, AnAlertThatCannotBeReadHasWhatIsKnown) {
  EXPECT_EQ(filled(R"(["{rule.id}", "{rule.severity}", "{process.pid}", "{@timestamp}"])", odd_alert("broken")),
            R"(["shell-from-server-process","high",null,"2026-11-21T07:34:20.123456789Z"])");
  EXPECT_TRUE(json::accept(filled(R"("{alert}")", odd_alert("broken"))));
}

TEST(Template, MistakesNameTheirPlace) {
  EXPECT_EQ(error_of(R"({"a": ["x", "{process.nmae}"]})"),
            R"(at /a/1: unknown field "process.nmae": did you mean process.name?)");
  EXPECT_THAT(error_of(R"({"a/b": "{rule.nam}"})"),
              HasSubstr("at /a~1b: unknown field \"rule.nam\": did you mean rule"));
  EXPECT_THAT(error_of(R"("{nonsense}")"), HasSubstr("bongsu events lists the fields"));
  EXPECT_THAT(error_of(R"(["{k8s.pod.label.}"])"), HasSubstr("at /0: unknown field"));
  EXPECT_THAT(error_of(R"(["{process.name"])"), HasSubstr("at /0: a placeholder is not closed"));
  EXPECT_THAT(error_of(R"(["}"])"), HasSubstr("at /0: a } closes nothing"));
  EXPECT_THAT(error_of(R"(["{}"])"), HasSubstr("names no field"));
  EXPECT_THAT(error_of(R"(["{\"x\"}"])"), HasSubstr("names no field"));
  EXPECT_THAT(error_of(R"(["{process.name|\"x}"])"), HasSubstr("ends with a quote"));
  EXPECT_THAT(error_of("{"), HasSubstr("1:2"));
}

TEST(Template, IsRefusedWhenItIsMissingOrTooMuch) {
  EXPECT_FALSE(make_payload_format("template", {}));
  json many = json::array();
  for (std::size_t i = 0; i <= TemplateDocument::kMaxPlaceholders; ++i) {
    many.push_back("{alert}");
  }
  EXPECT_THAT(error_of(many.dump()), HasSubstr("more than 256 placeholders"));
}

void names_below(const json& object, const std::string& before, std::vector<std::string>& names) {
  for (const auto& item : object.items()) {
    if (item.value().is_object()) {
      names_below(item.value(), before + item.key() + '.', names);
    } else {
      names.push_back(before + item.key());
    }
  }
}

// A member that the builder adds is one that templates can name.
TEST(AlertFields, KnowAllThatAnAlertHas) {
  const Rollup rollup{.count = 3, .first_ns = kThen, .last_ns = kThen + 1};
  std::vector<std::string> names;
  names_below(json::parse(make_alert(shell_event(), shell_rule(), &rollup)->json), "", names);
  EXPECT_THAT(names, testing::IsSupersetOf({"event.id", "rule.id", "bongsu.rollup.count", "message"}));
  for (const std::string& name : names) {
    const Status known = check_alert_field(name);
    EXPECT_TRUE(known) << name << ": " << known.error().to_string();
  }
  EXPECT_FALSE(check_alert_field("rule.colour"));
}

}  // namespace
}  // namespace bongsu
