// SPDX-License-Identifier: Apache-2.0
//
// The evaluator against a naive one: random rules and events, the language's definition written down a second time,
// straight from JSON and without any of the engine's parts.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>

#include "unit/rules/rules_testing.h"

namespace bongsu {
namespace {

using Json = nlohmann::json;

// ---- the naive evaluator ----

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
  const bool one = t < text.size() && (pattern[p] == '?' ? text[t] != '/' : pattern[p] == text[t]);
  return one && naive_glob(pattern, p + 1, text, t + 1);
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
  if (op == "gt") {
    return value > operand;
  }
  if (op == "lte") {
    return value <= operand;
  }
  if (op == "any_bits") {
    return (value.get<std::int64_t>() & operand.get<std::int64_t>()) != 0;
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
      static std::map<std::string, std::regex> compiled;
      return std::regex_search(v, compiled.try_emplace(o, o).first->second);
    }
    EXPECT_EQ(op, "glob");
    return naive_glob(o, 0, v, 0);
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
  if (value == nullptr || (value->is_array() && value->empty())) {
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
      const Json* found = event.contains(key) ? &event[key] : nullptr;
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

// ---- the generator ----

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  Json condition(int depth) {
    Json result = Json::object();
    const int keys = 1 + pick(2);
    for (int i = 0; i < keys; ++i) {
      const int kind = depth > 0 ? pick(6) : 0;
      if (kind < 3) {
        const char* const name = kFields[static_cast<std::size_t>(pick(kFieldsCount))];
        result[name] = field(name);
      } else {
        const char* const group = kind == 3 ? "all" : kind == 4 ? "any" : "not";
        if (kind == 5 && pick(2) == 0) {
          result[group] = condition(depth - 1);
          continue;
        }
        Json items = Json::array();
        for (int n = 1 + pick(3); n > 0; --n) {
          items.push_back(condition(depth - 1));
        }
        result[group] = items;
      }
    }
    return result;
  }

  Json event() {
    Json result = Json::object();
    for (const char* name : kFields) {
      if (pick(4) == 0) {
        continue;
      }
      const std::string field = name;
      if (field == "process.pid") {
        result[field] = pick(8);
      } else if (field == "process.args" || field == "process.ancestors.name") {
        Json items = Json::array();
        for (int n = pick(4); n > 0; --n) {
          items.push_back(text());
        }
        result[field] = items;
      } else if (field == "process.executable_memfd") {
        result[field] = pick(2) == 0;
      } else {
        result[field] = text();
      }
    }
    return result;
  }

 private:
  static constexpr int kFieldsCount = 7;
  static constexpr std::array<const char*, kFieldsCount> kFields{
      "process.name", "process.pid",           "process.args", "process.executable", "process.executable_memfd",
      "container.id", "process.ancestors.name"};

  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  std::string text() {
    static constexpr std::string_view kAlphabet = "aAb/";
    std::string result;
    for (int n = pick(5); n > 0; --n) {
      result += kAlphabet[static_cast<std::size_t>(pick(4))];
    }
    return result;
  }
  std::string some_text() {
    const std::string result = text();
    return result.empty() ? "a" : result;
  }

  Json texts(bool array_only) {
    if (!array_only && pick(2) == 0) {
      return some_text();
    }
    Json items = Json::array();
    for (int n = 1 + pick(3); n > 0; --n) {
      items.push_back(some_text());
    }
    return items;
  }

  Json field(const std::string& name) {
    if (name == "process.executable_memfd") {
      return pick(2) == 0 ? Json(pick(2) == 0) : Json{{"ne", pick(2) == 0}};
    }
    if (name == "process.pid") {
      switch (pick(6)) {
        case 0:
          return pick(8);
        case 1:
          return Json::array({pick(8), pick(8)});
        case 2:
          return {{"gt", pick(8)}, {"lte", pick(8)}};
        case 3:
          return {{"any_bits", 1 + pick(7)}};
        case 4:
          return {{"ne", pick(8)}};
        default:
          return {{"not_in", {pick(8), pick(8)}}};
      }
    }
    if (pick(4) == 0) {
      return pick(2) == 0 ? Json(text()) : texts(true);
    }
    Json result = text_operators();
    const bool several = name == "process.args" || name == "process.ancestors.name";
    if (several && pick(3) == 0) {
      Json outer = pick(2) == 0 ? Json::object() : text_operators();
      outer["every"] = result;
      return outer;
    }
    return result;
  }

  Json text_operators() {
    static constexpr std::array<const char*, 5> kGlobs{"*a", "a?**", "*/*", "**b*", "?*"};
    static constexpr std::array<const char*, 4> kRegexes{"^a", "a$", "[ab]+/", "^(a|b)*$"};
    Json result = Json::object();
    bool cased = false;
    for (int n = 1 + pick(2); n > 0; --n) {
      const int op = pick(10);
      cased = cased || op != 9;
      switch (op) {
        case 0:
          result["eq"] = text();
          break;
        case 1:
          result["ne"] = text();
          break;
        case 2:
          result["in"] = texts(true);
          break;
        case 3:
          result["not_in"] = texts(true);
          break;
        case 4:
          result["prefix"] = texts(false);
          break;
        case 5:
          result["suffix"] = texts(false);
          break;
        case 6:
          result["contains"] = texts(false);
          break;
        case 7:
          result["glob"] = kGlobs[static_cast<std::size_t>(pick(5))];
          break;
        case 8:
          result["regex"] = kRegexes[static_cast<std::size_t>(pick(4))];
          break;
        default:
          result["exists"] = pick(2) == 0;
          break;
      }
    }
    if (cased && pick(3) == 0) {
      result["ignore_case"] = true;
    }
    return result;
  }

  std::mt19937 random_;
};

std::string first_error(const LoadedRules& loaded) {
  const auto error = std::ranges::find(loaded.diagnostics, Diagnostic::Level::error, &Diagnostic::level);
  return error == loaded.diagnostics.end() ? "" : error->to_string();
}

TEST(Random, EngineAgreesWithTheNaiveEvaluator) {
  Generator generator(20261121);
  constexpr int kRules = 400;
  constexpr int kEvents = 250;
  Json file = {{"rules", Json::array()}};
  std::vector<Json> conditions;
  for (int i = 0; i < kRules; ++i) {
    conditions.push_back(generator.condition(4));
    file["rules"].push_back({{"id", "r" + std::to_string(i)},
                             {"name", "R"},
                             {"severity", "low"},
                             {"event", "exec"},
                             {"match", conditions.back()}});
  }
  const LoadedRules loaded = testing::load_text(file.dump(1));
  ASSERT_FALSE(loaded.has_errors()) << first_error(loaded);
  ASSERT_EQ(loaded.rules->rules().size(), static_cast<std::size_t>(kRules));
  int matched = 0;
  for (int i = 0; i < kEvents; ++i) {
    const Json event = generator.event();
    std::vector<std::string> expected;
    for (int r = 0; r < kRules; ++r) {
      if (naive_match(conditions[static_cast<std::size_t>(r)], event)) {
        expected.push_back("r" + std::to_string(r));
      }
    }
    matched += static_cast<int>(expected.size());
    const std::vector<std::string> actual =
        testing::fired(*loaded.rules, testing::event_of(EventType::exec, event.dump()));
    if (actual != expected) {
      std::vector<std::string> difference;
      std::ranges::sort(expected);
      std::vector<std::string> sorted = actual;
      std::ranges::sort(sorted);
      std::ranges::set_symmetric_difference(expected, sorted, std::back_inserter(difference));
      const std::size_t rule = std::stoul(difference.at(0).substr(1));
      FAIL() << "event " << event.dump() << "\nrule " << conditions[rule].dump();
    }
  }
  // The generator makes both verdicts.
  EXPECT_GT(matched, kRules * kEvents / 10);
  EXPECT_LT(matched, kRules * kEvents * 9 / 10);
}

}  // namespace
}  // namespace bongsu
