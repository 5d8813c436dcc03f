// SPDX-License-Identifier: Apache-2.0
//
// A rule's `exceptions`: what it keeps silent about, why, and until when.
#include <array>

#include "rules/check_rule.h"
#include "rules/families.h"
#include "rules/literal.h"

namespace bongsu {
namespace {

constexpr std::array<std::string_view, 4> kKeys{"name", "reason", "expires", "match"};

// "2027-03-31", which is the first moment of that day (UTC), or a point in time.
bool parse_expiry(const std::string& text, std::int64_t& unix_ns) {
  return parse_timestamp(text, unix_ns) || parse_timestamp(text + "T00:00:00Z", unix_ns);
}

}  // namespace

std::string expired_text(std::string_view rule_id, std::string_view exception) {
  return "the exception " + std::string(exception) + " of " + std::string(rule_id) +
         " has expired and no longer applies";
}

void RuleChecker::exceptions(const Cursor& at, ir::Rule& rule) {
  const auto* member = find_member(at, "exceptions");
  if (member == nullptr) {
    return;
  }
  const Cursor array = at.member(*member);
  if (!report_.expect(array, JsonNode::Kind::array, "exceptions is an array")) {
    return;
  }
  // In a sequence an exception silences each step.
  ir::Step every;
  if (rule.steps.size() == 1) {
    every = rule.steps.front();
  }
  every.events = rule.head.events;
  for (std::size_t i = 0; i < member->value.items.size(); ++i) {
    exception(array.item(i), every, rule);
  }
}

void RuleChecker::exception(const Cursor& at, const ir::Step& step, ir::Rule& rule) {
  if (!report_.expect(at, JsonNode::Kind::object, "an exception is an object")) {
    return;
  }
  const std::size_t errors_before = report_.errors();
  keys(at, kKeys);
  Exception out;
  text(at, "name", true, out.name, "exception");
  if (find_member(at, "reason") == nullptr) {
    report_.error(at, "the exception has no reason", "say why it is harmless, and who said so");
  }
  text(at, "reason", false, out.reason);
  if (const auto* member = find_member(at, "expires")) {
    const Cursor here = at.member(*member);
    if (report_.expect(here, JsonNode::Kind::string, "expires is a date") &&
        !parse_expiry(member->value.string, out.expires_ns)) {
      report_.error(here, "\"" + member->value.string + "\" is no date",
                    "write it as \"2027-03-31\" or \"2027-03-31T12:00:00Z\"");
    }
  }
  ir::Condition condition;
  if (const auto* member = find_member(at, "match"); member == nullptr) {
    report_.error(at, "the exception has no match",
                  "without one it would silence the rule; for that, \"enabled\": false");
  } else if (member->value.kind == JsonNode::Kind::object && member->value.members.empty()) {
    report_.error(at.member(*member), "an empty condition is true of every event",
                  "to switch the rule off write \"enabled\": false");
  } else {
    ir::Condition target;
    ask(at.member(*member), {.events = step.events}, step.of_family, condition, target);
    if (target.kind != ir::Condition::Kind::any || !target.children.empty()) {
      condition = excepted(step, std::move(condition), std::move(target));
    }
  }
  if (report_.errors() != errors_before) {
    return;
  }
  if (out.expires_ns != 0 && out.expires_ns <= load_.now_ns) {
    ++load_.expired;
    report_.warning(at.place(), expired_text(rule.head.id, out.name), std::string(kExpiredHint));
    return;
  }
  if (out.expires_ns != 0 && (load_.next_expiry_ns == 0 || out.expires_ns < load_.next_expiry_ns)) {
    load_.next_expiry_ns = out.expires_ns;
  }
  rule.head.exceptions.push_back(std::move(out));
  rule.exceptions.push_back(std::move(condition));
}

}  // namespace bongsu
