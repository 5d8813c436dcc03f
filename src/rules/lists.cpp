// SPDX-License-Identifier: Apache-2.0
#include "rules/lists.h"

#include <algorithm>

#include "rules/limits.h"

namespace bongsu {
namespace {

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

bool is_reference_name(std::string_view name) {
  return !name.empty() && is_name_byte(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_name_byte(c) || c == '-'; });
}

bool is_reference(std::string_view text) { return text.size() > 1 && text[0] == '$' && is_name_byte(text[1]); }

std::string unescape_reference(std::string_view text) {
  return std::string(text.starts_with("$$") ? text.substr(1) : text);
}

void Lists::add(const Cursor& lists, Report& report) {
  if (!report.expect(lists, JsonNode::Kind::object, "lists is an object of arrays")) {
    return;
  }
  for (const JsonNode::Member& member : lists.node().members) {
    const Cursor at = lists.member(member);
    if (!is_reference_name(member.key)) {
      report.key_error(at, "bad list name", "use letters, digits, - and _");
      continue;
    }
    if (!report.expect(at, JsonNode::Kind::array, "a list is an array")) {
      continue;
    }
    const auto [found, added] = lists_.try_emplace(member.key);
    if (!added) {
      const Part& first = found->second.parts.front();
      report.key_error(at,
                       "the list " + member.key + " is there already, at " + first.report->where(first.array->offset),
                       "to add to it write extends_lists");
      continue;
    }
    found->second.parts.push_back({&member.value, &report, at.pointer()});
  }
}

void Lists::extend(const Cursor& lists, Report& report) {
  if (!report.expect(lists, JsonNode::Kind::object, "extends_lists is an object of arrays")) {
    return;
  }
  for (const JsonNode::Member& member : lists.node().members) {
    const Cursor at = lists.member(member);
    const auto found = lists_.find(member.key);
    if (found == lists_.end()) {
      report.key_error(at, unknown('$' + member.key));
    } else if (report.expect(at, JsonNode::Kind::array, "a list is an array")) {
      found->second.parts.push_back({&member.value, &report, at.pointer()});
    }
  }
}

void Lists::resolve() {
  for (auto& [name, list] : lists_) {
    resolve(name, list, 0);
  }
}

void Lists::resolve(const std::string& name, List& list, std::size_t depth) {
  if (list.state != State::waiting) {
    return;
  }
  list.state = State::open;
  bool good = true;
  for (const Part& part : list.parts) {
    const std::size_t before = list.items.size();
    if (resolve(name, list, part, depth)) {
      continue;
    }
    if (&part == list.parts.data()) {
      good = false;
      break;
    }
    list.items.resize(before);  // what extends a list does not take it away
  }
  if (!good) {
    list.items = {};
  }
  total_items_ += list.items.size();
  list.state = good ? State::done : State::bad;
}

bool Lists::resolve(const std::string& name, List& list, const Part& part, std::size_t depth) {
  bool good = true;
  for (std::size_t i = 0; i < part.array->items.size(); ++i) {
    const JsonNode& item = part.array->items[i];
    const auto complain = [&](Error error) {
      part.report->error(ir::Place{item.offset, part.pointer + '/' + std::to_string(i)}, std::move(error));
      good = false;
    };
    if (item.kind == JsonNode::Kind::array || item.kind == JsonNode::Kind::object ||
        item.kind == JsonNode::Kind::null) {
      complain({"a list holds strings, numbers or true and false, not " + std::string(item.kind_name()), ""});
    } else if (item.kind != JsonNode::Kind::string || !is_reference(item.string)) {
      list.items.push_back(&item);
    } else if (const auto other = lists_.find(std::string_view(item.string).substr(1)); other == lists_.end()) {
      complain(unknown(item.string));
    } else if (other->second.state == State::open) {
      complain({"the list " + name + " holds itself, through " + item.string, "take the reference out"});
    } else if (depth == kMaxMatchDepth) {
      complain({"lists are nested too deep", "at most " + std::to_string(kMaxMatchDepth) + " levels"});
    } else {
      resolve(other->first, other->second, depth + 1);
      good = good && other->second.state == State::done;
      list.items.insert(list.items.end(), other->second.items.begin(), other->second.items.end());
    }
    if (list.items.size() > kMaxListItems) {
      complain({"the list has more than " + std::to_string(kMaxListItems) + " items", "split it"});
      break;
    }
    if (total_items_ + list.items.size() > kMaxAllListItems) {
      complain({"all lists together have more than " + std::to_string(kMaxAllListItems) + " items", ""});
      break;
    }
  }
  return good;
}

Error Lists::unknown(std::string_view reference) const {
  std::vector<std::string_view> names;
  names.reserve(lists_.size());
  for (const auto& [name, list] : lists_) {
    names.push_back(name);
  }
  std::string hint = did_you_mean(reference.substr(1), names);
  if (hint.empty()) {
    hint = "for the text itself write \"$" + std::string(reference) + '"';
  }
  return {"no list has the name " + std::string(reference.substr(1)), std::move(hint)};
}

Result<std::span<const JsonNode* const>> Lists::find(std::string_view reference) const {
  const auto found = lists_.find(reference.substr(1));
  if (found == lists_.end()) {
    return tl::make_unexpected(unknown(reference));
  }
  if (found->second.state == State::bad) {
    return fail("the list " + found->first + " has errors itself");
  }
  if (found->second.items.empty()) {
    return fail("the list " + found->first + " is empty");
  }
  return std::span<const JsonNode* const>(found->second.items);
}

}  // namespace bongsu
