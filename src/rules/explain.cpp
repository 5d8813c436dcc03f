// SPDX-License-Identifier: Apache-2.0
#include "rules/explain.h"

#include <algorithm>
#include <array>

#include "rules/explain_text.h"

namespace bongsu {
namespace {

using Kind = ir::Condition::Kind;

bool passes(const ir::FieldTest& test, const Value& value) {
  return std::ranges::all_of(test.tests, [&](const ir::Test& each) { return each.predicate->test(value); });
}

bool judge_field(const ir::FieldTest& test, const EventView& event) {
  const Value value = event.value(test.field);
  if (!value.has_value()) {
    return ir::without_value(test);
  }
  if (!value.is_several()) {
    return passes(test, value);
  }
  const bool every = test.quantifier == ir::Quantifier::every;
  bool empty = true;
  const bool found = value.list().any([&](std::string_view item) {
    empty = false;
    return passes(test, Value::of(item)) != every;
  });
  return empty ? ir::without_value(test) : found != every;
}

// A field test that made the verdict; `negated`: below an odd number of `not`.
struct Leaf {
  const Verdict* verdict;
  bool negated;
};

// Of a conjunction that fails the first that failed, of one that holds all of them; and so on.
void collect_deciding(const Verdict& verdict, bool negated, std::vector<Leaf>& leaves) {
  const Kind kind = verdict.condition->kind;
  if (kind == Kind::field) {
    leaves.push_back({&verdict, negated});
    return;
  }
  const bool one_decides = kind == Kind::any ? verdict.holds : !verdict.holds;
  const bool deciding_child = kind == Kind::none ? !verdict.holds : verdict.holds;
  for (const Verdict& child : verdict.children) {
    if (child.holds == deciding_child) {
      collect_deciding(child, negated != (kind == Kind::none), leaves);
      if (one_decides) {
        return;
      }
    }
  }
}

std::string leaf_words(const Leaf& leaf, const EventView& event) {
  const ir::FieldTest& test = leaf.verdict->condition->test;
  std::string asked = condition_words(test);
  if (constexpr std::string_view kIs = "is "; asked.starts_with(kIs)) {
    asked.erase(0, kIs.size());
  }
  const std::string text = field_and_value(test.field, event);
  if (leaf.verdict->holds != leaf.negated) {  // as the rule wants it
    return text + (leaf.negated ? " (not: " : " (") + asked + ")";
  }
  return text + (leaf.negated ? ", asked not: " : ", asked: ") + asked;
}

void append_line(std::string& out, std::size_t indent, std::string_view mark, std::string_view text) {
  out.append(indent, ' ');
  out += mark;
  out += text;
  out += '\n';
}

std::string_view group_words(const ir::Condition& condition) {
  if (condition.children.empty()) {
    return condition.kind == Kind::any ? "nothing" : "every event";
  }
  switch (condition.kind) {
    case Kind::any:
      return "at least one of:";
    case Kind::none:
      return condition.children.size() == 1 ? "not:" : "none of:";
    default:
      return "all of:";
  }
}

constexpr std::size_t kStep = 2;

// An object of one key: its key says it all.
bool is_wrapper(const ir::Condition& condition) {
  return condition.kind == Kind::all && condition.children.size() == 1;
}

}  // namespace

Verdict judge_condition(const ir::Condition& condition, const EventView& event) {
  Verdict verdict{&condition, false, {}};
  if (condition.kind == Kind::field) {
    verdict.holds = judge_field(condition.test, event);
    return verdict;
  }
  for (const ir::Condition& child : condition.children) {
    verdict.children.push_back(judge_condition(child, event));
  }
  const auto holds = [](const Verdict& child) { return child.holds; };
  verdict.holds = condition.kind == Kind::all   ? std::ranges::all_of(verdict.children, holds)
                  : condition.kind == Kind::any ? std::ranges::any_of(verdict.children, holds)
                                                : std::ranges::none_of(verdict.children, holds);
  return verdict;
}

std::string deciding(const Verdict& verdict, const EventView& event) {
  std::vector<Leaf> leaves;
  collect_deciding(verdict, false, leaves);
  if (leaves.empty()) {
    return verdict.holds ? "there is no condition" : "no condition can hold";
  }
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(leaves.size(), kShown); ++i) {
    text += (i == 0 ? "" : "; ") + leaf_words(leaves[i], event);
  }
  if (leaves.size() > kShown) {
    text += "; and " + std::to_string(leaves.size() - kShown) + " more";
  }
  return text;
}

void append_tree(std::string& out, const ir::Condition& condition, std::size_t indent) {
  if (condition.kind == Kind::field) {
    append_line(out, indent, "", to_words(condition.test));
    return;
  }
  if (is_wrapper(condition)) {
    append_tree(out, condition.children.front(), indent);
    return;
  }
  append_line(out, indent, "", group_words(condition));
  for (const ir::Condition& child : condition.children) {
    append_tree(out, child, indent + kStep);
  }
}

void append_tree(std::string& out, const Verdict& verdict, const EventView& event, std::size_t indent) {
  const std::string_view mark = verdict.holds ? "yes  " : "no   ";
  if (verdict.condition->kind == Kind::field) {
    const ir::FieldTest& test = verdict.condition->test;
    append_line(out, indent, mark, to_words(test) + "   <- " + value_words(test.field, event));
    return;
  }
  if (is_wrapper(*verdict.condition)) {
    append_tree(out, verdict.children.front(), event, indent);
    return;
  }
  append_line(out, indent, mark, group_words(*verdict.condition));
  for (const Verdict& child : verdict.children) {
    append_tree(out, child, event, indent + kStep);
  }
}

CostClass cost_class(EventType event) {
  // What every program does all the time.
  static constexpr std::array kConstant{EventType::open,   EventType::read,    EventType::write,   EventType::close,
                                        EventType::mmap,   EventType::munmap,  EventType::brk,     EventType::mprotect,
                                        EventType::accept, EventType::connect, EventType::io_uring};
  if (std::ranges::find(kConstant, event) != kConstant.end()) {
    return CostClass::high;
  }
  return info(event).ring == Ring::bulk ? CostClass::moderate : CostClass::cheap;
}

CostClass cost_class(const ir::Rule& rule) {
  CostClass most = CostClass::cheap;
  for (const ir::Step& step : rule.steps) {
    for (const EventType event : step.events) {
      most = std::max(most, cost_class(event));
    }
  }
  return most;
}

std::string_view to_string(CostClass cost) {
  switch (cost) {
    case CostClass::cheap:
      return "cheap";
    case CostClass::moderate:
      return "moderate";
    case CostClass::high:
      return "high";
  }
  return "";
}

}  // namespace bongsu
