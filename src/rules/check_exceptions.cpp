// SPDX-License-Identifier: Apache-2.0
//
// A rule's `exceptions`: what it keeps silent about, why, and until when.
#include <array>

#include "rules/check_rule.h"
#include "rules/literal.h"

namespace bongsu {
namespace {

constexpr std::array<std::string_view, 4> kKeys{"name", "reason", "expires", "match"};

// "2027-03-31", which is the first moment of that day (UTC), or a point in time.
bool parse_expiry(const std::string& text, std::int64_t& unix_ns) {
  return parse_timestamp(text, unix_ns) || parse_timestamp(text + "T00:00:00Z", unix_ns);
}

}  // namespace

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
  ir::Step every{rule.head.events, !rule.steps.empty() && rule.steps.front().of_family, {}};
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
    condition = match(at.member(*member), {.events = step.events, .of_family = step.of_family});
  }
  if (report_.errors() != errors_before) {
    return;
  }
  if (out.expires_ns != 0 && out.expires_ns <= load_.now_ns) {
    ++load_.expired;
    report_.warning(at.place(), "the exception " + out.name + " has expired and no longer applies",
                    "take it out, or give it a later date");
    return;
  }
  if (out.expires_ns != 0 && (load_.next_expiry_ns == 0 || out.expires_ns < load_.next_expiry_ns)) {
    load_.next_expiry_ns = out.expires_ns;
  }
  rule.head.exceptions.push_back(std::move(out));
  rule.exceptions.push_back(std::move(condition));
}

}  // namespace bongsu
