// SPDX-License-Identifier: Apache-2.0
//
// Verdicts in words agree with the engine, and name what decided.
#include "rules/explain.h"

#include "rules/event_json_reader.h"
#include "rules/explain_events.h"
#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

struct Asked {
  std::string match;
  std::string event;
  bool fires;
  std::string deciding;
};

const std::vector<Asked>& cases() {
  static const std::vector<Asked> kCases{
      {R"({"process.name": ["sh", "bash"]})", R"({"process.name": "sh"})", true,
       R"(process.name is "sh" (one of "sh", "bash"))"},
      {R"({"process.name": ["sh", "bash"]})", R"({"process.name": "ls"})", false,
       R"(process.name is "ls", asked: one of "sh", "bash")"},
      {R"({"process.name": "sh"})", "{}", false, R"(process.name has no value, asked: "sh")"},
      {R"({"process.pid": 1, "process.name": "sh"})", R"({"process.pid": 1, "process.name": "x"})", false,
       R"(process.name is "x", asked: "sh")"},
      {R"({"any": [{"process.pid": 1}, {"process.pid": {"gt": 9}}]})", R"({"process.pid": 2})", false,
       "process.pid is 2, asked: 1; process.pid is 2, asked: more than 9"},
      {R"({"any": [{"process.pid": 1}, {"process.pid": {"gt": 9}}]})", R"({"process.pid": 10})", true,
       "process.pid is 10 (more than 9)"},
      {R"({"not": {"process.args": {"contains": "health"}}})", R"({"process.args": ["sh", "healthcheck"]})", false,
       R"(process.args is ["sh", "healthcheck"], asked not: contains "health")"},
      {R"({"not": [{"process.pid": 1}, {"process.pid": 2}]})", R"({"process.pid": 3})", true,
       "process.pid is 3 (not: 1); process.pid is 3 (not: 2)"},
      {R"({"not": {"not": {"process.pid": 1}}})", R"({"process.pid": 2})", false, "process.pid is 2, asked: 1"},
      {R"({"process.args": {"every": {"prefix": "-"}}})", R"({"process.args": ["-a", "b"]})", false,
       R"(process.args is ["-a", "b"], asked: every value begins with "-")"},
      {R"({"container.id": {"ne": "c"}})", "{}", true, R"(container.id has no value (not "c"))"},
      {R"({"container.id": {"exists": false}})", R"({"container.id": "c"})", false,
       R"(container.id is "c", asked: has no value)"},
      {R"({"k8s.pod.label.app": "web"})", R"({"k8s.pod.label.app": "db"})", false,
       R"(k8s.pod.label.app is "db", asked: "web")"},
      {R"({"k8s.pod.label.app": "web"})", R"({"k8s.pod.label.tier": "web"})", false,
       R"(k8s.pod.label.app has no value, asked: "web")"},
      {R"({"k8s.pod.label": {"exists": false}})", R"({"k8s.pod.label": {"app": "web", "tier": "x"}})", false,
       R"(k8s.pod.label is {"app": "web", "tier": "x"}, asked: has no value)"},
      {"{}", "{}", true, "there is no condition"},
  };
  return kCases;
}

TEST(Explain, AgreesWithTheEngineAndNamesWhatDecided) {
  for (const Asked& asked : cases()) {
    SCOPED_TRACE(asked.match + " " + asked.event);
    const LoadedRules loaded = testing::load_text(testing::file_with_match(asked.match));
    ASSERT_EQ(loaded.checked->size(), 1U) << testing::all_text(loaded.diagnostics);
    const JsonEventView event = testing::event_of(EventType::exec, asked.event);
    const Verdict verdict = judge_condition(loaded.checked->front().steps.front().match, event);
    EXPECT_EQ(verdict.holds, asked.fires);
    EXPECT_EQ(!testing::fired(*loaded.rules, event).empty(), asked.fires);
    EXPECT_EQ(deciding(verdict, event), asked.deciding);
  }
}

TEST(Explain, TreeHasEachConditionWithItsValue) {
  const LoadedRules loaded = testing::load_text(testing::file_with_match(
      R"({"process.name": "sh", "not": [{"event.duration": {"gte": "90s"}}, {"process.start": {"lt": "2026-11-21T07:34:20Z"}}]})",
      R"("exit")"));
  const JsonEventView event =
      testing::event_of(EventType::exit, R"({"process.name": "sh\nx", "event.duration": "2h"})");
  const ir::Condition& match = loaded.checked->front().steps.front().match;
  std::string plain;
  append_tree(plain, match, 0);
  EXPECT_EQ(plain,
            "all of:\n  process.name is \"sh\"\n  none of:\n    event.duration is at least 90s\n"
            "    process.start is less than 2026-11-21T07:34:20.000000000Z\n");
  std::string told;
  append_tree(told, judge_condition(match, event), event, 0);
  EXPECT_NE(told.find("  no   process.name is \"sh\"   <- \"sh\\x0ax\"\n"), std::string::npos) << told;
  EXPECT_NE(told.find("yes  event.duration is at least 90s   <- 2h\n"), std::string::npos) << told;
}

TEST(Explain, AnExceptionSilences) {
  const LoadedRules loaded = testing::load_text(
      R"({"rules": [{"id": "r", "name": "R", "severity": "low", "event": "exec", "match": {"process.name": "sh"},
          "exceptions": [{"name": "backup", "reason": "OPS-12", "match": {"container.id": "c"}}]}]})");
  const std::vector<JsonEventView> events{
      testing::event_of(EventType::exec, R"({"process.name": "sh", "container.id": "c"})")};
  EXPECT_EQ(why(loaded.checked->front(), events, false), "the exception backup silences it");
}

TEST(Explain, CostIsThatOfTheMostCostlyEvent) {
  const auto cost = [](const std::string& events) {
    return cost_class(testing::load_text(testing::file_with_match("{}", events)).checked->front());
  };
  EXPECT_EQ(cost(R"("exec")"), CostClass::cheap);
  EXPECT_EQ(cost(R"(["exec", "unlink"])"), CostClass::moderate);
  EXPECT_EQ(cost(R"(["exec", "unlink", "open"])"), CostClass::high);
}

TEST(EventJsonReader, NestedFlatAndMixedAreTheSame) {
  for (
      const char* text :
      {R"({"event": {"action": "exec"}, "process": {"name": "sh", "parent": {"name": "nginx"}}})",
       R"({"event.action": "exec", "process.name": "sh", "process.parent.name": "nginx"})",
       R"({"event": {"action": "exec"}, "process": {"name": "sh", "parent.name": "nginx"}, "container": {"id": null}})"}) {
    const Result<JsonDocument> document = JsonDocument::parse(text);
    const Result<ReadEvent> read = read_event_json(document->root());
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(read->event.type(), EventType::exec);
    EXPECT_EQ(read->event.value(FieldId::process_name).string(), "sh");
    EXPECT_EQ(read->event.value(FieldId::process_parent_name).string(), "nginx");
    EXPECT_FALSE(read->event.value(FieldId::container_id).has_value());
    EXPECT_TRUE(read->unknown.empty());
  }
}

TEST(EventJsonReader, TellsWhatIsNoField) {
  const Result<JsonDocument> document =
      JsonDocument::parse(R"({"event.action": "exec", "rule": {"id": "r"}, "message": "m", "process": {"nmae": 1}})");
  const Result<ReadEvent> read = read_event_json(document->root());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->unknown, (std::vector<std::string>{"rule.id", "message", "process.nmae"}));
}

TEST(EventJsonReader, RefusesWhatIsNoEvent) {
  for (const auto& [text, word] : {std::pair{"[]", "an event is an object"},
                                   {"{}", "no event.action"},
                                   {R"({"event": {"action": 7}})", "event.action is a string"},
                                   {R"({"event.action": "exce"})", "did you mean exec?"},
                                   {R"({"event.action": "process.*"})", "not a family"},
                                   {R"({"event.action": "exec", "process.pid": "x"})", "whole number"}}) {
    const Result<JsonDocument> document = JsonDocument::parse(text);
    const Result<ReadEvent> read = read_event_json(document->root());
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().to_string().find(word), std::string::npos) << read.error().to_string();
  }
}

}  // namespace
}  // namespace bongsu
