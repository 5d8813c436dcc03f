// SPDX-License-Identifier: Apache-2.0
//
// A rule's `tests`: read and checked here, run by run_inline_tests().
#include <algorithm>
#include <array>

#include "rules/check_rule.h"
#include "rules/limits.h"
#include "rules/names.h"

namespace bongsu {
namespace {

constexpr std::array<std::string_view, 6> kKeys{"name", "expect", "event", "events", "repeat", "vary"};
constexpr std::string_view kAction = "event.action";

}  // namespace

void RuleChecker::tests(const Cursor& at, ir::Rule& rule) {
  for (const JsonNode::Member& member : at.node().members) {
    if (member.key != "tests") {
      continue;
    }
    const Cursor array = at.member(member);
    if (!report_.expect(array, JsonNode::Kind::array, "tests is an array")) {
      return;
    }
    for (std::size_t i = 0; i < member.value.items.size(); ++i) {
      test(array.item(i), rule);
    }
  }
}

void RuleChecker::test(const Cursor& at, ir::Rule& rule) {
  if (!report_.expect(at, JsonNode::Kind::object, "a test is an object")) {
    return;
  }
  InlineTest test;
  const JsonPlace place = report_.place(at.node().offset);
  test.rule_id = rule.head.id;
  test.file = report_.file();
  test.line = place.line;
  test.column = place.column;
  text(at, "name", true, test.name, "test");
  bool has_expect = false;
  bool has_event = false;
  for (const JsonNode::Member& member : at.node().members) {
    const Cursor here = at.member(member);
    if (member.key == "expect") {
      has_expect = true;
      test.expect_alert = member.value.string == "alert";
      if (!test.expect_alert && member.value.string != "none") {
        report_.error(here, "expect is \"alert\" or \"none\"");
      }
    } else if (member.key == "event") {
      has_event = true;
      test_event(here, rule, test);
    } else if (member.key == "events") {
      has_event = true;
      if (!report_.expect(here, JsonNode::Kind::array, "events is an array of events")) {
        continue;
      }
      if (member.value.items.empty()) {
        report_.error(here, "empty array", "name at least one event");
      }
      for (std::size_t i = 0; i < member.value.items.size(); ++i) {
        test_event(here.item(i), rule, test);
      }
    } else if (std::ranges::find(kKeys, member.key) == kKeys.end()) {
      refuse_key(report_, here, member.key, kKeys);
    }
  }
  if (!has_expect) {
    report_.error(at, "the test has no expect", "write \"alert\" or \"none\"");
  }
  if (!has_event) {
    report_.error(at, "the test has no event", R"(write "event": {"process.name": "sh"})");
  } else if (find_member(at, "event") != nullptr && find_member(at, "events") != nullptr) {
    report_.key_error(at.member(*find_member(at, "events")), "a test has event or events, not both");
  }
  vary(at, test);
  repeat(at, test);
  if (test.events.size() * test.repeat > kMaxTestEvents) {
    report_.error(at, "the test has more than " + std::to_string(kMaxTestEvents) + " events");
  }
  rule.tests.push_back(std::move(test));
}

// A flat object of fields. Its type is its event.action, or the rule's only event.
bool RuleChecker::test_event(const Cursor& at, const ir::Rule& rule, InlineTest& test) {
  if (!report_.expect(at, JsonNode::Kind::object, "a test's event is an object of fields")) {
    return false;
  }
  EventType type = rule.head.events.size() == 1 ? rule.head.events.front() : EventType::none;
  for (const JsonNode::Member& member : at.node().members) {
    if (member.key == kAction && member.value.kind == JsonNode::Kind::string) {
      const Result<std::vector<EventType>> named = resolve_event(member.value.string);
      if (!named || named->size() != 1) {
        report_.error(at.member(member), named ? Error{"an event has one name, not a family's", ""} : named.error());
        return false;
      }
      type = named->front();
    }
  }
  if (type == EventType::none) {
    if (!rule.head.events.empty()) {
      report_.error(at, "the test's event has no event.action", "name one of the rule's events");
    }
    return false;
  }
  JsonEventView& event = test.events.emplace_back(type);
  for (const JsonNode::Member& member : at.node().members) {
    const Cursor here = at.member(member);
    const Result<FieldId> field = resolve_field(member.key, std::array{type});
    if (!field) {
      report_.key_error(here, field.error().message, field.error().hint);
    } else if (Status status = event.set(*field, member.value); !status) {
      report_.error(here, std::move(status.error()));
    }
  }
  return true;
}

// {"vary": {"destination.port": [1, 2, 3]}}: the event once for each value.
void RuleChecker::vary(const Cursor& at, InlineTest& test) {
  const auto* member = find_member(at, "vary");
  if (member == nullptr) {
    return;
  }
  const Cursor here = at.member(*member);
  if (!report_.expect(here, JsonNode::Kind::object, "vary is an object: a field, and its values")) {
    return;
  }
  if (member->value.members.size() != 1 || test.events.size() != 1) {
    report_.error(here, "vary has one field, and stands beside one event");
    return;
  }
  const JsonNode::Member& varied = member->value.members.front();
  const Cursor values = here.member(varied);
  const JsonEventView base = test.events.front();
  const Result<FieldId> field = resolve_field(varied.key, std::array{base.type()});
  if (!field) {
    report_.key_error(values, field.error());
    return;
  }
  if (!report_.expect(values, JsonNode::Kind::array, "the values are an array")) {
    return;
  }
  if (varied.value.items.empty()) {
    report_.error(values, "empty array", "name at least one value");
    return;
  }
  test.events.clear();
  for (std::size_t i = 0; i < varied.value.items.size(); ++i) {
    JsonEventView& event = test.events.emplace_back(base);
    if (Status status = event.set(*field, varied.value.items[i]); !status) {
      report_.error(values.item(i), std::move(status.error()));
    }
  }
}

// {"repeat": 20}: all events so often.
void RuleChecker::repeat(const Cursor& at, InlineTest& test) {
  const auto* member = find_member(at, "repeat");
  if (member == nullptr) {
    return;
  }
  number(at.member(*member), 1, kMaxTestEvents, test.repeat);
}

}  // namespace bongsu
