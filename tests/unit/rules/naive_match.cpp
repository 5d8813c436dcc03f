// SPDX-License-Identifier: Apache-2.0
#include "unit/rules/naive_match.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <regex>
#include <sstream>
#include <string>
#include <utility>

namespace bongsu::testing {
namespace {

using Json = nlohmann::json;

std::string lower(std::string text) {
  for (char& c : text) {
    c = (c >= 'A' && c <= 'Z') ? static_cast<char>(c + 32) : c;
  }
  return text;
}

bool naive_glob(const std::string& pattern, std::size_t p, const std::string& text, std::size_t t) {
  if (p == pattern.size()) {
    return t == text.size();
  }
  if (pattern.compare(p, 3, "**/") == 0 && (p == 0 || pattern[p - 1] == '/') && naive_glob(pattern, p + 3, text, t)) {
    return true;
  }
  if (pattern.compare(p, 2, "**") == 0) {
    for (std::size_t i = t; i <= text.size(); ++i) {
      if (naive_glob(pattern, p + 2, text, i)) {
        return true;
      }
    }
    return false;
  }
  if (pattern[p] == '*') {
    for (std::size_t i = t; i <= text.size(); ++i) {
      if (naive_glob(pattern, p + 1, text, i)) {
        return true;
      }
      if (i < text.size() && text[i] == '/') {
        break;
      }
    }
    return false;
  }
  if (pattern[p] == '[') {  // single bytes only
    const std::size_t close = pattern.find(']', p);
    const bool negated = pattern[p + 1] == '!';
    return t < text.size() && text[t] != '/' &&
           (pattern.substr(p + 1, close - p - 1).find(text[t]) != std::string::npos) != negated &&
           naive_glob(pattern, close + 1, text, t + 1);
  }
  const bool one = t < text.size() && (pattern[p] == '?' ? text[t] != '/' : pattern[p] == text[t]);
  return one && naive_glob(pattern, p + 1, text, t + 1);
}

// Braces are not nested.
bool naive_glob(const std::string& pattern, const std::string& text) {
  const std::size_t open = pattern.find('{');
  if (open == std::string::npos) {
    return naive_glob(pattern, 0, text, 0);
  }
  const std::size_t close = pattern.find('}', open);
  std::istringstream alternatives(pattern.substr(open + 1, close - open - 1) + ',');
  for (std::string each; std::getline(alternatives, each, ',');) {
    if (naive_glob(pattern.substr(0, open) + each + pattern.substr(close + 1), text)) {
      return true;
    }
  }
  return false;
}

// IPv4 only: whether the first bits of both are equal.
std::optional<std::uint32_t> naive_address(const std::string& text) {
  std::uint32_t address = 0;
  std::istringstream parts(text);
  std::string part;
  int count = 0;
  for (; std::getline(parts, part, '.'); ++count) {
    if (part.empty() || part.size() > 3 || part.find_first_not_of("0123456789") != std::string::npos ||
        std::stoul(part) > 255 || (part.size() > 1 && part[0] == '0')) {
      return std::nullopt;
    }
    address = address << 8 | static_cast<std::uint32_t>(std::stoul(part));
  }
  return count == 4 && !text.ends_with('.') ? std::optional(address) : std::nullopt;
}

bool naive_network(const std::string& network, const std::string& text) {
  const std::size_t slash = network.find('/');
  const std::size_t bits = slash == std::string::npos ? 32 : std::stoul(network.substr(slash + 1));
  const std::optional<std::uint32_t> first = naive_address(network.substr(0, slash));
  const std::optional<std::uint32_t> address = naive_address(text);
  return first && address && (bits == 0 || ((*first ^ *address) >> (32 - bits)) == 0);
}

bool any_operand(const Json& operand, const std::function<bool(const Json&)>& test) {
  if (!operand.is_array()) {
    return test(operand);
  }
  return std::any_of(operand.begin(), operand.end(), test);
}

// One operator on one value.
bool naive_test(const std::string& op, const Json& operand, bool fold, const Json& value) {
  const auto text = [fold](const Json& json) {
    return fold ? lower(json.get<std::string>()) : json.get<std::string>();
  };
  const auto equal = [&](const Json& each) { return value.is_string() ? text(each) == text(value) : each == value; };
  if (op == "eq" || op == "in") {
    return any_operand(operand, equal);
  }
  if (op == "ne" || op == "not_in") {
    return !any_operand(operand, equal);
  }
  if (op == "exists") {
    return operand.get<bool>();
  }
  if (op == "gt" || op == "gte") {
    return op == "gt" ? value > operand : value >= operand;
  }
  if (op == "lt" || op == "lte") {
    return op == "lt" ? value < operand : value <= operand;
  }
  if (op == "any_bits" || op == "all_bits") {
    const auto mask = operand.get<std::int64_t>();
    const std::int64_t set = value.get<std::int64_t>() & mask;
    return op == "any_bits" ? set != 0 : set == mask;
  }
  return any_operand(operand, [&](const Json& each) {
    const std::string v = text(value);
    const std::string o = text(each);
    if (op == "prefix") {
      return v.starts_with(o);
    }
    if (op == "suffix") {
      return v.size() >= o.size() && v.substr(v.size() - o.size()) == o;
    }
    if (op == "contains") {
      return v.find(o) != std::string::npos;
    }
    if (op == "regex") {
      static std::map<std::pair<std::string, bool>, std::regex> compiled;
      const auto flags = fold ? std::regex::ECMAScript | std::regex::icase : std::regex::ECMAScript;
      const auto pattern = each.get<std::string>();
      return std::regex_search(v, compiled.try_emplace({pattern, fold}, pattern, flags).first->second);
    }
    if (op == "cidr") {
      return naive_network(o, v);
    }
    EXPECT_EQ(op, "glob");
    return naive_glob(o, v);
  });
}

bool naive_operators(const Json& object, const Json* value, bool all_values) {
  const bool fold = object.value("ignore_case", false);
  Json operators = object;
  operators.erase("ignore_case");
  bool every_part = true;
  if (operators.contains("every")) {
    every_part = naive_operators(operators["every"], value, true);
    operators.erase("every");
    if (operators.empty()) {
      return every_part;
    }
  }
  if (value == nullptr || (value->is_structured() && value->empty())) {
    for (const auto& [op, operand] : operators.items()) {
      const bool without = op == "ne" || op == "not_in" || (op == "exists" && !operand.get<bool>());
      every_part = every_part && without;
    }
    return every_part;
  }
  const auto passes = [&](const Json& one) {
    for (const auto& [op, operand] : operators.items()) {
      if (!naive_test(op, operand, fold, one)) {
        return false;
      }
    }
    return true;
  };
  if (!value->is_array()) {
    return every_part && passes(*value);
  }
  return every_part && (all_values ? std::all_of(value->begin(), value->end(), passes)
                                   : std::any_of(value->begin(), value->end(), passes));
}

const std::string kLabels = "k8s.pod.label";

// Those of one object, and those that are named one by one, which come later.
Json naive_labels(const Json& event) {
  Json labels = event.value(kLabels, Json::object());
  for (const auto& [key, value] : event.items()) {
    if (key.starts_with(kLabels + '.')) {
      labels[key.substr(kLabels.size() + 1)] = value;
    }
  }
  return labels;
}

}  // namespace

bool naive_match(const Json& condition, const Json& event) {
  for (const auto& [key, value] : condition.items()) {
    bool holds = true;
    if (key == "all") {
      holds = std::all_of(value.begin(), value.end(), [&](const Json& each) { return naive_match(each, event); });
    } else if (key == "any") {
      holds = std::any_of(value.begin(), value.end(), [&](const Json& each) { return naive_match(each, event); });
    } else if (key == "not") {
      const Json list = value.is_array() ? value : Json::array({value});
      holds = std::none_of(list.begin(), list.end(), [&](const Json& each) { return naive_match(each, event); });
    } else {
      const Json* found = nullptr;
      const Json labels = naive_labels(event);
      if (key == kLabels) {
        found = &labels;
      } else if (key.starts_with(kLabels + '.')) {
        const std::string label = key.substr(kLabels.size() + 1);
        found = labels.contains(label) ? &labels[label] : nullptr;
      } else if (event.contains(key)) {
        found = &event[key];
      }
      Json operators = value;
      if (value.is_array()) {
        operators = {{"in", value}};
      } else if (!value.is_object()) {
        operators = {{"eq", value}};
      }
      holds = naive_operators(operators, found, false);
    }
    if (!holds) {
      return false;
    }
  }
  return true;
}

}  // namespace bongsu::testing
