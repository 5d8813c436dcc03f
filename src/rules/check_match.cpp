// SPDX-License-Identifier: Apache-2.0
#include "rules/check_match.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "rules/limits.h"
#include "rules/names.h"

namespace bongsu {
namespace {

using ir::Condition;

std::optional<Condition::Kind> group_kind(std::string_view key) {
  if (key == "all") {
    return Condition::Kind::all;
  }
  if (key == "any") {
    return Condition::Kind::any;
  }
  if (key == "not") {
    return Condition::Kind::none;
  }
  return std::nullopt;
}

bool asks_existence_alone(const JsonNode& node) {
  return node.kind == JsonNode::Kind::object &&
         std::ranges::all_of(node.members, [](const JsonNode::Member& member) { return member.key == "exists"; });
}

// "$1.file.path"
bool is_step_reference(std::string_view text) {
  const std::size_t dot = text.find('.');
  return dot != std::string_view::npos && dot > 1 && text[0] == '$' &&
         std::ranges::all_of(text.substr(1, dot - 1), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Condition MatchChecker::object(const Cursor& at, std::size_t depth) {
  Condition result{Condition::Kind::all, {}, {}, at.place()};
  if (!report_.expect(at, JsonNode::Kind::object, "a condition is an object")) {
    return result;
  }
  if (depth > kMaxMatchDepth) {
    report_.error(at, "conditions are nested too deep", "at most " + std::to_string(kMaxMatchDepth) + " levels");
    return result;
  }
  for (const JsonNode::Member& member : at.node().members) {
    const Cursor here = at.member(member);
    if (const auto kind = group_kind(member.key)) {
      result.children.push_back(group(here, *kind, depth + 1));
    } else {
      result.children.push_back(field(here, member.key, depth));
    }
  }
  return result;
}

// all, any: an array of conditions; not: that, or one condition.
Condition MatchChecker::group(const Cursor& at, Condition::Kind kind, std::size_t depth) {
  Condition result{kind, {}, {}, at.place()};
  if (at.node().kind == JsonNode::Kind::array) {
    if (at.node().items.empty()) {
      report_.error(at, "empty array", "name at least one condition, or take it out");
    }
    for (std::size_t i = 0; i < at.node().items.size(); ++i) {
      result.children.push_back(element(at.item(i), depth));
    }
  } else if (kind == Condition::Kind::none) {
    result.children.push_back(element(at, depth));
  } else {
    report_.error(at, "all and any are arrays of conditions, not " + std::string(at.node().kind_name()));
  }
  return result;
}

// A condition, or a macro's name.
Condition MatchChecker::element(const Cursor& at, std::size_t depth) {
  const JsonNode& node = at.node();
  bytes_.add(sizeof(Condition));
  if (bytes_.too_many() && report_.errors() != 0) {
    return {};  // told; macros that hold macros could go on for ever
  }
  if (node.kind == JsonNode::Kind::string) {
    if (is_reference(node.string)) {
      return macro(at, depth);
    }
    report_.error(at, "a condition is an object, not a string", "a macro is named with its $: \"$in_container\"");
  } else if (node.kind == JsonNode::Kind::object && node.members.empty()) {
    report_.error(at, "an empty condition is true of every event", "name a field, or take it out");
  } else {
    return object(at, depth);
  }
  return {};
}

// The macro's condition as if it stood here. What is wrong with it is told here too, for it may be right elsewhere.
Condition MatchChecker::macro(const Cursor& at, std::size_t depth) {
  const std::string& name = at.node().string;
  const Result<Macros::Macro> found = vocabulary_.macros.find(name);
  if (!found) {
    if (vocabulary_.lists.has(name)) {
      report_.error(at, name.substr(1) + " is a list, not a macro",
                    "a list is a field's value: {\"process.name\": \"" + name + "\"}");
    } else {
      report_.error(at, found.error());
    }
    return {};
  }
  if (std::ranges::find(open_macros_, name) != open_macros_.end()) {
    report_.error(at, "the macro " + name.substr(1) + " holds itself", "take the reference out");
    return {};
  }
  Report scratch(found->report->file(), found->report->document());
  MatchChecker checker(scratch, vocabulary_, context_, bytes_);
  checker.context_.found = nullptr;
  checker.open_macros_ = open_macros_;
  checker.open_macros_.push_back(name);
  Condition result = checker.object(Cursor(*found->body), depth);
  asked_for_path_ = asked_for_path_ || checker.asked_for_path_;
  if (scratch.errors() != 0) {
    const std::vector<Diagnostic> errors = scratch.take();
    const auto first = std::ranges::find(errors, Diagnostic::Level::error, &Diagnostic::level);
    report_.error(at,
                  "the macro " + name.substr(1) + " cannot be used here: " + first->message + " (" +
                      found->report->where(found->body->offset) + ")",
                  first->hint);
  }
  result.place = at.place();
  return result;
}

Condition MatchChecker::field(const Cursor& at, std::string_view name, std::size_t depth) {
  const Result<FieldId> id = resolve_field(name, context_.events);
  if (!id) {
    report_.key_error(at, id.error().message, id.error().hint);
    return {};
  }
  const FieldInfo& field = info(*id);
  const JsonNode& node = at.node();
  if (node.kind == JsonNode::Kind::null) {
    report_.error(at, "null is no value", "to ask for a field without value write {\"exists\": false}");
    return {};
  }
  if (field.type == FieldType::string_map && !asks_existence_alone(node)) {
    report_.key_error(at, "of " + std::string(name) + " as a whole a rule can only ask whether it exists",
                      map_hint(field));
    return {};
  }
  if (node.kind == JsonNode::Kind::string && is_step_reference(node.string)) {
    return reference(at, field, depth);
  }
  if (*id != FieldId::file_path) {
    return field_value(at, field);
  }
  asked_for_path_ = true;
  return field_value(at, info(context_.path));
}

Condition MatchChecker::field_value(const Cursor& at, const FieldInfo& field) {
  const JsonNode& node = at.node();
  if (node.kind == JsonNode::Kind::object) {
    return operators(at, field, ir::Quantifier::any);
  }
  Condition result{Condition::Kind::field, {}, {}, at.place()};
  const bool many =
      node.kind == JsonNode::Kind::array || (node.kind == JsonNode::Kind::string && is_reference(node.string));
  result.test.field = field.id;
  operand(at, field, *find_operator(many ? "in" : "eq"), false, result.test.tests);
  return result;
}

// "$1.file.path": the value of that field in the first step. Judged by the rule's state; here it is always true.
Condition MatchChecker::reference(const Cursor& at, const FieldInfo& field, std::size_t depth) {
  Condition nothing{Condition::Kind::all, {}, {}, at.place()};
  const std::string_view text = at.node().string;
  if (context_.found == nullptr || depth > 0) {
    report_.error(at,
                  "a step's field can be asked for only in the match of a later step of a sequence, not below all, "
                  "any or not",
                  "for the text itself write \"$" + std::string(text) + '"');
    return nothing;
  }
  std::size_t step = 0;
  const auto number = std::from_chars(text.data() + 1, text.data() + text.size(), step);
  if (number.ec != std::errc() || step == 0 || step > context_.earlier.size()) {
    report_.error(at, "there is no earlier step " + std::string(text.substr(0, text.find('.'))),
                  "steps are numbered from 1; this one is step " + std::to_string(context_.earlier.size() + 1));
    return nothing;
  }
  const std::string_view name = text.substr(text.find('.') + 1);
  const Result<FieldId> source = resolve_field(name, context_.earlier[step - 1].events);
  if (!source) {
    report_.error(at, source.error());
  } else if (const FieldType type = info(*source).type;
             type == FieldType::string_list || type == FieldType::string_map ||
             (type != field.type && (type != FieldType::string || field.type != FieldType::string_list))) {
    report_.error(at, std::string(name) + " cannot equal " + std::string(field.name) + ": one is " +
                          std::string(article_name(info(*source).type)) + ", the other " +
                          std::string(article_name(field.type)));
  } else {
    context_.found->push_back({field.id, static_cast<std::uint32_t>(step - 1), *source});
  }
  return nothing;
}

}  // namespace bongsu
