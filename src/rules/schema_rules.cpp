// SPDX-License-Identifier: Apache-2.0
//
// rule, extension: all keys of a rule.
#include <algorithm>

#include "rules/limits.h"
#include "rules/rule.h"
#include "rules/schema_parts.h"

namespace bongsu::schema {
namespace {

Json one_line(std::string_view description) { return described({{"type", "string"}, {"minLength", 1}}, description); }

Json texts(std::string_view description) {
  return described({{"type", "array"}, {"items", {{"type", "string"}}}}, description);
}

Json window(std::string_view description) {
  return described({{"type", "string"}, {"pattern", "^0*[1-9][0-9]*(ns|us|ms|s|m|h|d)$"}}, description);
}

Json number(std::int64_t least, std::int64_t most, std::string_view description) {
  return described({{"type", "integer"}, {"minimum", least}, {"maximum", most}}, description);
}

// A field that has one value.
Json single_field() {
  std::vector<std::string_view> names;
  for (const FieldInfo& field : fields()) {
    if (field.type != FieldType::string_list && field.type != FieldType::string_map) {
      names.push_back(field.name);
    }
  }
  return {{"anyOf", {{{"enum", names}}, keyed_name()}}};
}

Json key_fields(std::string_view description) {
  return described({{"type", "array"}, {"maxItems", kMaxKeyFields}, {"items", refer("single_field")}}, description);
}

Json event_name() {
  Json names = Json::array();
  Json docs = Json::array();
  for (const EventName& name : event_names()) {
    names.push_back(name.name);
    docs.push_back(name.doc);
  }
  return {{"enum", std::move(names)}, {"enumDescriptions", std::move(docs)}};
}

// The names that take in the event: its own, and those of its families.
Json names_with(EventType event) {
  Json names = Json::array();
  for (const EventName& name : event_names()) {
    if (std::ranges::find(name.events, event) != name.events.end()) {
      names.push_back(name.name);
    }
  }
  return {{"enum", std::move(names)}};
}

// For each event: when `event` takes it in, `then`.
template <typename Then>
Json for_each_event(Then&& then) {
  Json cases = Json::array();
  for (const EventInfo& event : events().subspan(1)) {
    Json names = names_with(event.type);
    Json takes = {{"anyOf", {names, {{"type", "array"}, {"contains", names}}}}};
    cases.push_back({{"if", {{"required", {"event"}}, {"properties", {{"event", std::move(takes)}}}}},
                     {"then", {{"properties", then(std::string(event.name))}}}});
  }
  return cases;
}

// Fields of a count, throttle and exceptions are those of the rule's events too.
Json rule_of_event(const std::string& event) {
  const Json names = {{"items", refer("names." + event)}};
  const Json fields = refer("fields." + event);
  return {{"match", fields},
          {"exceptions", {{"items", {{"properties", {{"match", fields}}}}}}},
          {"throttle", {{"properties", {{"by", names}}}}},
          {"count", {{"properties", {{"by", names}, {"distinct", refer("names." + event)}}}}}};
}

// A test's event without event.action is the rule's only one.
Json test_of_only_event() {
  Json cases = Json::array();
  const auto each_event = [](const Json& schema) {
    return Json{{"properties",
                 {{"tests", {{"items", {{"properties", {{"event", schema}, {"events", {{"items", schema}}}}}}}}}}}};
  };
  std::vector<std::string> several;
  for (const EventName& name : event_names()) {
    if (name.events.size() > 1) {
      several.push_back(name.name);
      continue;
    }
    const Json only = {
        {"anyOf",
         {{{"const", name.name}}, {{"type", "array"}, {"maxItems", 1}, {"contains", {{"const", name.name}}}}}}};
    const Json unnamed = {{"if", {{"not", {{"required", {"event.action"}}}}}},
                          {"then", {{"propertyNames", refer("names." + std::string(info(name.events.front()).name))}}}};
    cases.push_back(
        {{"if", {{"required", {"event"}}, {"properties", {{"event", only}}}}}, {"then", each_event(unnamed)}});
  }
  const Json many = {{"anyOf",
                      {{{"enum", several}},
                       {{"type", "array"}, {"contains", {{"enum", several}}}},
                       {{"type", "array"}, {"minItems", 2}, {"uniqueItems", true}}}}};
  cases.push_back(
      {{"if",
        {{"anyOf", {{{"required", {"sequence"}}}, {{"required", {"event"}}, {"properties", {{"event", many}}}}}}}},
       {"then", each_event({{"required", {"event.action"}}})}});
  return cases;
}

Json value_of_test(const FieldInfo& field) {
  Json scalar = refer("scalar." + value_name(field));
  return field.type == FieldType::string_list ? Json{{"type", "array"}, {"items", std::move(scalar)}} : scalar;
}

Json test_event() {
  Json properties = Json::object();
  for (const FieldInfo& field : fields()) {
    properties[field.name] = described(value_of_test(field), field.doc);
  }
  Json cases = Json::array();
  std::vector<std::string_view> names;
  for (const EventInfo& event : events().subspan(1)) {
    names.push_back(event.name);
    const std::string name(event.name);
    cases.push_back({{"if", {{"required", {"event.action"}}, {"properties", {{"event.action", {{"const", name}}}}}}},
                     {"then", {{"propertyNames", refer("names." + name)}}}});
  }
  properties["event.action"] = described({{"enum", names}}, "Which event it is; needed where the rule has several.");
  Json schema = described(with_keyed(object(std::move(properties)), refer("scalar.string")),
                          "What the event has; all else has no value.");
  schema["allOf"] = std::move(cases);
  return schema;
}

Json test() {
  Json values = Json::object();
  for (const FieldInfo& field : fields()) {
    values[field.name] = {{"type", "array"}, {"minItems", 1}, {"items", value_of_test(field)}};
  }
  Json vary =
      with_keyed(object(std::move(values)), {{"type", "array"}, {"minItems", 1}, {"items", refer("scalar.string")}});
  vary["minProperties"] = 1;
  vary["maxProperties"] = 1;
  Json schema = object(
      {{"name", one_line("What is tried.")},
       {"expect", described({{"enum", {"alert", "none"}}}, "Whether the rule fires.")},
       {"event", described(refer("test_event"), "The event that is judged.")},
       {"events",
        described({{"type", "array"}, {"minItems", 1}, {"items", refer("test_event")}},
                  "Events that are judged one after the other, a millisecond apart, or by their @timestamp.")},
       {"repeat", number(1, kMaxTestEvents, "All events so often.")},
       {"vary",
        described(std::move(vary), "The event once for each value of a field: {\"destination.port\": [1, 2]}.")}},
      {"name", "expect"});
  schema["oneOf"] = {{{"required", {"event"}}}, {{"required", {"events"}}}};
  schema["dependentSchemas"] = {{"vary", {{"properties", {{"events", {{"maxItems", 1}}}}}}}};
  return schema;
}

Json exceptions() {
  Json match = refer("condition");
  match["minProperties"] = 1;
  // A date is the first moment of its day.
  Json expires = {{"anyOf",
                   {refer("scalar.date"),
                    {{"type", "string"}, {"pattern", "^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"}}}}};
  Json one = object({{"name", one_line("What it is called.")},
                     {"reason", one_line("Why it is harmless, and who said so.")},
                     {"expires", described(std::move(expires), "From then on it no longer applies: \"2027-03-31\".")},
                     {"match", described(std::move(match), "What the rule keeps silent about.")}},
                    {"name", "reason", "match"});
  return described({{"type", "array"}, {"items", std::move(one)}}, "What the rule keeps silent about, and why.");
}

Json throttle() {
  Json settings = object({{"by", key_fields("What shares a window; by default container and executable.")},
                          {"per", window("The window, by default \"10s\".")},
                          {"max", number(1, kMaxThrottle, "Alerts that go out at once in a window, by default 1.")}});
  return described({{"anyOf", {{{"const", false}}, std::move(settings)}}},
                   "What is held back when the rule fires often; one more alert tells of it. false: nothing is.");
}

Json count() {
  return described(
      object({{"by", key_fields("What is counted together; without it everything is.")},
              {"within", window("The window, at most \"24h\".")},
              {"distinct", described(refer("single_field"), "Count different values of this field, not events.")},
              {"at_least", number(2, kMaxCount, "How many make the rule fire.")}},
             {"within", "at_least"}),
      "The rule fires when its match was met often enough in a window that slides.");
}

Json sequence() {
  Json step =
      object({{"event", described(refer("events"), "What the step is about.")},
              {"match", described(refer("condition"), "What it has to be. \"$1.file.path\" is that field of step 1.")}},
             {"event"});
  step["allOf"] = for_each_event([](const std::string& event) { return Json{{"match", refer("fields." + event)}}; });
  Json steps = {{"type", "array"}, {"minItems", 2}, {"maxItems", kMaxSequenceSteps}, {"items", std::move(step)}};
  return described(object({{"by", key_fields("What the steps have in common.")},
                           {"within", window("From the first step to the last, at most \"24h\".")},
                           {"steps", described(std::move(steps), "What happens, in this order.")}},
                          {"within", "steps"}),
                   "The rule fires at the last step, when all were met in this order.");
}

std::string message_pattern() {
  const std::string field = "([a-z0-9_.@]*[a-z0-9_]|" + keyed_names() + ")";
  return R"(^([^{}]|\{\{|\}\}|\{)" + field + R"((\|)" + field + R"()*(\|"[^"]*")?\})*$)";
}

}  // namespace

void add_rules(Json& definitions) {
  const Json tags = texts("Words to choose rules by.");
  const Json enabled = described({{"type", "boolean"}}, "false: checked, but not judged.");
  Json rule = object(
      {{"id", described({{"type", "string"}, {"pattern", "^[a-z0-9-]+$"}}, "Unique in all files.")},
       {"name", one_line("One line for a person.")},
       {"description", one_line("Why it matters, what to look at first, what causes false alarms.")},
       {"severity", refer("severity")},
       {"event", refer("events")},
       {"match", described(refer("condition"), "When the rule fires; without it at every such event.")},
       {"count", count()},
       {"sequence", sequence()},
       {"exceptions", refer("exceptions")},
       {"throttle", refer("throttle")},
       {"message",
        described({{"type", "string"}, {"pattern", message_pattern()}},
                  "The alert's line: {process.name}, {k8s.pod.uid|container.id|\"the host\"}, {{ for a brace.")},
       {"tags", tags},
       {"attack",
        described({{"type", "array"}, {"items", {{"type", "string"}, {"pattern", "^T[0-9]{4}(\\.[0-9]{3})?$"}}}},
                  "MITRE ATT&CK techniques: T1059, T1059.004.")},
       {"enabled", enabled},
       {"tests", described({{"type", "array"}, {"items", refer("test")}}, "What the rule must and must not fire on.")}},
      {"id", "name", "severity"});
  rule["oneOf"] = {
      {{"required", {"event"}}, {"not", {{"required", {"sequence"}}}}},
      {{"required", {"sequence"}},
       {"not", {{"anyOf", {{{"required", {"event"}}}, {{"required", {"match"}}}, {{"required", {"count"}}}}}}}}};
  rule["allOf"] = for_each_event(rule_of_event);
  for (Json& each : test_of_only_event()) {
    rule["allOf"].push_back(std::move(each));
  }
  definitions["rule"] = described(std::move(rule), "A rule.");
  definitions["extension"] = described(
      object({{"extends", text("The id of the rule that is changed.")},
              {"enabled", enabled},
              {"severity", refer("severity")},
              {"tags", described(tags, "Added to those of the rule.")},
              {"throttle", refer("throttle")},
              {"exceptions", described(refer("exceptions"), "Added to those of the rule.")},
              {"match_also", described(refer("condition"), "Has to hold beside the rule's match.")},
              {"tests", described({{"type", "array"}, {"items", refer("test")}}, "Instead of those of the rule.")}},
             {"extends"}),
      "A change of a rule that is defined elsewhere.");
  definitions["severity"] = {{"enum", kSeverityNames}};
  definitions["event"] = event_name();
  definitions["events"] =
      described({{"anyOf", {refer("event"), {{"type", "array"}, {"minItems", 1}, {"items", refer("event")}}}}},
                "An event, an array of them, or a family.");
  definitions["exceptions"] = exceptions();
  definitions["throttle"] = throttle();
  definitions["test"] = test();
  definitions["test_event"] = test_event();
  definitions["single_field"] = single_field();
}

}  // namespace bongsu::schema
