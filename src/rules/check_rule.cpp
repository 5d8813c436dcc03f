// SPDX-License-Identifier: Apache-2.0
#include "rules/check_rule.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "rules/message.h"

namespace bongsu {
namespace {

constexpr std::array<std::string_view, 16> kKeys{
    "id",   "name",   "description", "severity", "event",    "match",      "count",   "sequence",
    "tags", "attack", "tests",       "enabled",  "throttle", "exceptions", "message", "extends"};

bool is_digits(std::string_view text, std::size_t count) {
  return text.size() == count && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// T1059, T1059.004
bool is_attack_id(std::string_view id) {
  return id.starts_with('T') && is_digits(id.substr(1, 4), 4) &&
         (id.size() == 5 || (id[5] == '.' && is_digits(id.substr(6), 3)));
}

std::string_view example_of(std::string_view key) {
  if (key == "id") {
    return R"(write "id": "shell-from-server")";
  }
  return key == "severity" ? R"(write "severity": "medium")" : R"(write "name": "one line for a person")";
}

}  // namespace

bool is_rule_id(std::string_view id) {
  return !id.empty() &&
         std::ranges::all_of(id, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

const JsonNode::Member* find_member(const Cursor& at, std::string_view key) {
  const auto& members = at.node().members;
  const auto found = std::ranges::find(members, key, &JsonNode::Member::key);
  return found == members.end() ? nullptr : &*found;
}

void refuse_key(Report& report, const Cursor& at, std::string_view key, std::span<const std::string_view> known) {
  std::string hint = did_you_mean(key, known);
  if (hint.empty()) {
    hint = "keys here:";
    for (const std::string_view each : known) {
      hint += ' ' + std::string(each);
    }
  }
  report.key_error(at, "unknown key " + std::string(key), std::move(hint));
}

std::optional<ir::Rule> RuleChecker::check(const Cursor& at) {
  if (!report_.expect(at, JsonNode::Kind::object, "a rule is an object")) {
    return std::nullopt;
  }
  const std::size_t errors_before = report_.errors();
  load_.bytes.rule = 0;
  keys(at, kKeys);
  ir::Rule rule;
  Rule& head = rule.head;
  head.file = report_.file();
  id(at, head);
  text(at, "name", true, head.name);
  text(at, "description", false, head.description);
  severity(at, true, head.severity);
  if (find_member(at, "sequence") != nullptr) {
    sequence(at, rule);
  } else {
    step(at, {}, nullptr, rule.steps.emplace_back());
    head.events = rule.steps.front().events;
  }
  count(at, rule);
  throttle(at, rule);
  exceptions(at, rule);
  strings(at, "tags", head.tags);
  attack(at, head);
  message(at, head, rule.steps.empty() ? std::span<const EventType>() : rule.steps.back().events);
  flag(at, "enabled", rule.enabled);
  tests(at, rule);
  if (report_.errors() != errors_before) {
    load_.bytes.all -= load_.bytes.rule;  // what is refused holds nothing
    return std::nullopt;
  }
  return rule;
}

void RuleChecker::keys(const Cursor& at, std::span<const std::string_view> known) {
  for (const JsonNode::Member& member : at.node().members) {
    if (std::ranges::find(known, member.key) == known.end()) {
      refuse_key(report_, at.member(member), member.key, known);
    }
  }
}

void RuleChecker::flag(const Cursor& at, std::string_view key, bool& out) {
  const auto* member = find_member(at, key);
  if (member != nullptr &&
      report_.expect(at.member(*member), JsonNode::Kind::boolean, std::string(key) + " is true or false")) {
    out = member->value.boolean;
  }
}

void RuleChecker::text(const Cursor& at, std::string_view key, bool required, std::string& out, std::string_view of) {
  const auto* member = find_member(at, key);
  if (member == nullptr) {
    if (required) {
      report_.error(at, "the " + std::string(of) + " has no " + std::string(key), std::string(example_of(key)));
    }
    return;
  }
  const Cursor here = at.member(*member);
  if (!report_.expect(here, JsonNode::Kind::string, std::string(key) + " is a string")) {
    return;
  }
  if (member->value.string.empty()) {
    report_.error(here, std::string(key) + " is empty");
  }
  append_printable(out, member->value.string);
}

void RuleChecker::strings(const Cursor& at, std::string_view key, std::vector<std::string>& out) {
  const auto* member = find_member(at, key);
  if (member == nullptr) {
    return;
  }
  const Cursor array = at.member(*member);
  if (!report_.expect(array, JsonNode::Kind::array, std::string(key) + " is an array of strings")) {
    return;
  }
  for (std::size_t i = 0; i < member->value.items.size(); ++i) {
    const Cursor item = array.item(i);
    if (report_.expect(item, JsonNode::Kind::string, std::string(key) + " holds strings")) {
      append_printable(out.emplace_back(), item.node().string);
    }
  }
}

void RuleChecker::id(const Cursor& at, Rule& head) {
  text(at, "id", true, head.id);
  if (const auto* member = find_member(at, "id");
      member != nullptr && member->value.kind == JsonNode::Kind::string && !head.id.empty() && !is_rule_id(head.id)) {
    report_.error(at.member(*member), "bad rule id", "use lowercase letters, digits and -");
  }
}

void RuleChecker::severity(const Cursor& at, bool required, Severity& out) {
  std::string name;
  text(at, "severity", required, name);
  if (name.empty()) {
    return;
  }
  if (const std::optional<Severity> severity = parse_severity(name)) {
    out = *severity;
    return;
  }
  std::string hint = did_you_mean(name, kSeverityNames);
  report_.error(at.member(*find_member(at, "severity")), "unknown severity " + name,
                hint.empty() ? "one of info, low, medium, high, critical" : std::move(hint));
}

void RuleChecker::attack(const Cursor& at, Rule& head) {
  strings(at, "attack", head.attack);
  const auto* member = find_member(at, "attack");
  if (member == nullptr || member->value.kind != JsonNode::Kind::array) {
    return;
  }
  const Cursor array = at.member(*member);
  for (std::size_t i = 0; i < member->value.items.size(); ++i) {
    const JsonNode& item = member->value.items[i];
    if (item.kind == JsonNode::Kind::string && !is_attack_id(item.string)) {
      report_.error(array.item(i), "no ATT&CK technique id", "as in T1059 or T1059.004");
    }
  }
}

void RuleChecker::message(const Cursor& at, Rule& head, std::span<const EventType> events) {
  const auto* member = find_member(at, "message");
  if (member == nullptr) {
    head.message.push_back({head.name, {}, {}});
    return;
  }
  const Cursor here = at.member(*member);
  if (!report_.expect(here, JsonNode::Kind::string, "message is a string")) {
    return;
  }
  Result<std::vector<MessagePart>> parts = parse_message(member->value.string, events);
  if (!parts) {
    report_.error(here, std::move(parts.error()));
    return;
  }
  head.message = std::move(*parts);
}

}  // namespace bongsu
