// SPDX-License-Identifier: Apache-2.0
//
// A rule's `tests`: read and checked here, run by run_inline_tests().
#include <array>

#include "rules/check_rule.h"
#include "rules/names.h"

namespace bongsu {
namespace {

constexpr std::array<std::string_view, 3> kKeys{"name", "expect", "event"};
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
  text(at, "name", true, test.name);
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
    } else if (member.key != "name") {
      refuse_key(report_, here, member.key, kKeys, {});
    }
  }
  if (!has_expect) {
    report_.error(at, "the test has no expect", "write \"alert\" or \"none\"");
  }
  if (!has_event) {
    report_.error(at, "the test has no event");
  }
  rule.tests.push_back(std::move(test));
}

// A flat object of fields. Its type is its event.action, or the rule's only event.
void RuleChecker::test_event(const Cursor& at, const ir::Rule& rule, InlineTest& test) {
  if (!report_.expect(at, JsonNode::Kind::object, "a test's event is an object of fields")) {
    return;
  }
  EventType type = rule.head.events.size() == 1 ? rule.head.events.front() : EventType::none;
  for (const JsonNode::Member& member : at.node().members) {
    if (member.key == kAction && member.value.kind == JsonNode::Kind::string) {
      const Result<std::vector<EventType>> named = resolve_event(member.value.string);
      if (!named || named->size() != 1) {
        report_.error(at.member(member), named ? Error{"an event has one name, not a family's", ""} : named.error());
        return;
      }
      type = named->front();
    }
  }
  if (type == EventType::none) {
    if (!rule.head.events.empty()) {
      report_.error(at, "the test's event has no event.action", "name one of the rule's events");
    }
    return;
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
}

}  // namespace bongsu
