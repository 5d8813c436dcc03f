// SPDX-License-Identifier: Apache-2.0
#include "alert/builder.h"

#include <optional>

#include "alert/ecs_names.h"
#include "alert/event_id.h"
#include "alert/redacted_event.h"
#include "alert/text.h"
#include "base/strings.h"
#include "events/event_json.h"
#include "rules/message.h"

namespace bongsu {
namespace {

// A message is for reading; a command line of 16 KiB in it stands in process.command_line already.
constexpr std::size_t kMaxMessageBytes = 4096;

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += out.empty() || out.back() == '{' ? "\"" : ",\"";
  out += name;
  out += "\":";
  append_json_string(out, text);
}

void append_strings(std::string& out, std::string_view before, const std::vector<std::string>& list,
                    std::string_view after) {
  if (list.empty()) {
    return;
  }
  out += before;
  for (const std::string& item : list) {
    out += &item == &list.front() ? "" : ",";
    append_json_string(out, item);
  }
  out += after;
}

// ECS, event.kind
std::string_view kind_of(EventType type) {
  if (type == EventType::heartbeat) {
    return "event";
  }
  return is_agent(type) ? "pipeline_error" : "alert";
}

std::string event_members(const EventView& event, const Rule& rule, std::string_view id) {
  std::string members;
  append_member(members, "id", id);
  append_member(members, "kind", kind_of(event.type()));
  members += ",\"severity\":" + std::to_string(static_cast<int>(rule.severity));
  return members;
}

void append_rule(std::string& out, const Rule& rule) {
  out += "\"rule\":{";
  append_member(out, "id", rule.id);
  append_member(out, "name", rule.name);
  if (!rule.description.empty()) {
    append_member(out, "description", rule.description);
  }
  append_member(out, "severity", to_string(rule.severity));
  out += '}';
}

// Beside the event's own fields: only events of the monitor itself have some below `bongsu`, and these are never held
// back.
void append_rollup(std::string& out, const Rollup* rollup) {
  if (rollup == nullptr) {
    return;
  }
  out += R"(,"bongsu":{"rollup":{"count":)" + std::to_string(rollup->count) + R"(,"first":")";
  append_timestamp(out, rollup->first_ns);
  out += R"(","last":")";
  append_timestamp(out, rollup->last_ns);
  out += R"("}})";
}

// Before the message, so that it is not what is cut from a long one.
std::string rollup_words(const Rollup* rollup) {
  if (rollup == nullptr) {
    return {};
  }
  std::string words = std::to_string(rollup->count) + " more between ";
  append_timestamp(words, rollup->first_ns);
  words += " and ";
  append_timestamp(words, rollup->last_ns);
  return words + ": ";
}

}  // namespace

std::shared_ptr<const Alert> AlertBuilder::build(const EventView& raw, const Rule& rule, const Rollup* rollup) const {
  std::optional<RedactedEvent> redacted;
  if (options_.redactor != nullptr) {
    redacted.emplace(raw, *options_.redactor);
  }
  const EventView& event = redacted ? static_cast<const EventView&>(*redacted) : raw;
  const std::string message = clipped(rollup_words(rollup) + render_message(rule, event), kMaxMessageBytes);
  auto alert = std::make_shared<Alert>();
  alert->id = make_event_id(raw, rule, rollup != nullptr);
  alert->time_ns = event.value(FieldId::timestamp).integer();
  alert->severity = rule.severity;
  alert->rule_id = rule.id;
  alert->tags = rule.tags;

  std::string& json = alert->json;
  json += '{';
  append_event_members(json, event, "event", event_members(event, rule, alert->id));
  json += ',';
  append_rule(json, rule);
  append_strings(json, R"(,"threat":{"framework":"MITRE ATT&CK","technique":{"id":[)", rule.attack, "]}}");
  append_strings(json, R"(,"tags":[)", rule.tags, "]");
  append_rollup(json, rollup);
  append_member(json, "message", message);
  json += R"(,"ecs":{)";
  append_member(json, "version", kEcsVersion);
  json += R"(},"agent":{)";
  append_member(json, "name", "bongsu");
  append_member(json, "type", "bongsu");
  append_member(json, "version", options_.version);
  json += "}}";

  if (options_.text != TextStyle::none) {
    append_alert_text(alert->text, event, rule, message, options_.text == TextStyle::colour);
  }
  return alert;
}

}  // namespace bongsu
