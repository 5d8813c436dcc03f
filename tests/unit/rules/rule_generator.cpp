// SPDX-License-Identifier: Apache-2.0
#include "unit/rules/rule_generator.h"

#include <algorithm>
#include <utility>

namespace bongsu::testing {
namespace {

// Of every event.
constexpr std::array<std::string_view, 11> kCommon{"process.name",
                                                   "process.pid",
                                                   "process.args",
                                                   "process.ancestors.name",
                                                   "process.executable",
                                                   "process.executable_memfd",
                                                   "container.id",
                                                   "process.command_line",
                                                   "k8s.pod.label",
                                                   "k8s.pod.label.app",
                                                   "k8s.pod.label.app.kubernetes.io/name"};
constexpr std::array<std::string_view, 10> kWords{"sh",
                                                  "bash",
                                                  "/usr/bin/sh",
                                                  "/usr/bin/python3",
                                                  "/usr/lib/x.so.1",
                                                  "/etc/shadow",
                                                  "a/b/a",
                                                  "--config=/etc/a",
                                                  "",
                                                  "curl -k http://a"};

bool is_list(std::string_view field) { return field == "process.args" || field == "process.ancestors.name"; }
bool is_map(std::string_view field) { return field == "k8s.pod.label"; }
bool is_number(std::string_view field) { return field == "process.pid" || field == "destination.port"; }

}  // namespace

std::string RuleGenerator::field_name(const std::string& event) {
  const int which = pick(12);
  if (which < 2 && event == "open") {
    return "file.path";
  }
  if (which < 4 && event == "connect") {
    return which < 2 ? "destination.ip" : "destination.port";
  }
  return std::string(one_of(kCommon));
}

nlohmann::json RuleGenerator::condition(const std::string& event, int depth) {
  Json result = Json::object();
  for (int keys = 1 + pick(2); keys > 0; --keys) {
    const int kind = depth > 0 ? pick(7) : 0;
    if (kind < 3) {
      const std::string name = field_name(event);
      result[name] = field(name);
      known_.emplace_back(name, result[name]);
    } else if (kind == 3) {
      const auto known = std::find_if(known_.rbegin(), known_.rend(), [&](const auto& each) {
        return std::ranges::find(kCommon, each.first) != kCommon.end() && pick(20) == 0;
      });
      if (known != known_.rend()) {
        result[known->first] = known->second;
      } else {
        result["process.name"] = "sh";
      }
    } else {
      const char* const group = kind == 4 ? "all" : kind == 5 ? "any" : "not";
      if (kind == 6 && pick(2) == 0) {
        result[group] = condition(event, depth - 1);
        continue;
      }
      Json items = Json::array();
      for (int n = 1 + pick(3); n > 0; --n) {
        items.push_back(condition(event, depth - 1));
      }
      result[group] = items;
    }
  }
  return result;
}

nlohmann::json RuleGenerator::event(const std::string& event) {
  std::vector<std::string> names(kCommon.begin(), kCommon.end());
  if (event == "open") {
    names.emplace_back("file.path");
  } else if (event == "connect") {
    names.insert(names.end(), {"destination.ip", "destination.port"});
  }
  Json result = Json::object();
  for (const std::string& name : names) {
    if (pick(5) == 0) {
      continue;
    }
    if (is_number(name)) {
      result[name] = pick(8);
    } else if (is_list(name)) {
      Json items = Json::array();
      for (int n = pick(4); n > 0; --n) {
        items.push_back(text());
      }
      result[name] = items;
    } else if (is_map(name)) {
      result[name] = Json::object();
      for (const char* const key : {"app", "app.kubernetes.io/name", "tier"}) {
        if (pick(3) == 0) {
          result[name][key] = text();
        }
      }
    } else if (name == "process.executable_memfd") {
      result[name] = pick(2) == 0;
    } else {
      result[name] = name == "destination.ip" ? address() : text();
    }
  }
  return result;
}

// A word, often cut, lengthened, or in another case.
std::string RuleGenerator::text() {
  std::string result(one_of(kWords));
  switch (pick(6)) {
    case 0:
      result = part_of(result);
      break;
    case 1:
      result += one_of(kWords);
      break;
    case 2:
      std::ranges::transform(result, result.begin(),
                             [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
      break;
    default:
      break;
  }
  return result;
}

std::string RuleGenerator::part_of(const std::string& text) {
  const auto size = static_cast<int>(text.size());
  const int begin = pick(2) == 0 ? 0 : pick(size + 1);
  const int end = pick(2) == 0 ? size : begin + pick(size - begin + 1);
  return text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

std::string RuleGenerator::operand() {
  const std::string result = pick(2) == 0 ? text() : part_of(text());
  return result.empty() ? "/" : result;
}

std::string RuleGenerator::address() {
  static constexpr std::array<std::string_view, 4> kParts{"10", "0", "1", "129"};
  std::string result(one_of(kParts));
  for (int i = 0; i < 3; ++i) {
    result += '.' + std::string(one_of(kParts));
  }
  return result;
}

nlohmann::json RuleGenerator::operands(bool array_only) {
  if (!array_only && pick(2) == 0) {
    return operand();
  }
  Json items = Json::array();
  for (int n = 1 + pick(pick(5) == 0 ? 30 : 3); n > 0; --n) {
    items.push_back(operand());
  }
  return items;
}

nlohmann::json RuleGenerator::number_field() {
  switch (pick(8)) {
    case 0:
      return pick(8);
    case 1:
      return Json::array({pick(8), pick(8)});
    case 2:
      return {{"gt", pick(8)}, {"lte", pick(8)}};
    case 3:
      return {{"gte", pick(8)}, {"lt", pick(8)}};
    case 4:
      return {{"any_bits", 1 + pick(7)}};
    case 5:
      return {{"all_bits", 1 + pick(7)}};
    case 6:
      return {{"ne", pick(8)}};
    default:
      return {{"not_in", {pick(8), pick(8)}}};
  }
}

nlohmann::json RuleGenerator::address_field() {
  const auto network = [this] { return address() + (pick(4) == 0 ? "" : '/' + std::to_string(pick(33))); };
  if (pick(4) == 0) {
    return address();
  }
  return {{"cidr", pick(2) == 0 ? Json(network()) : Json::array({network(), network(), network()})}};
}

nlohmann::json RuleGenerator::field(const std::string& name) {
  if (name == "process.executable_memfd") {
    return pick(2) == 0 ? Json(pick(2) == 0) : Json{{"ne", pick(2) == 0}};
  }
  if (is_map(name)) {
    return {{"exists", pick(2) == 0}};
  }
  if (is_number(name)) {
    return number_field();
  }
  if (name == "destination.ip") {
    return address_field();
  }
  if (pick(4) == 0) {
    return pick(2) == 0 ? Json(text()) : operands(true);
  }
  Json result = text_operators();
  if (is_list(name) && pick(3) == 0) {
    Json outer = pick(2) == 0 ? Json::object() : text_operators();
    outer["every"] = result;
    return outer;
  }
  return result;
}

nlohmann::json RuleGenerator::text_operators() {
  static constexpr std::array<std::string_view, 14> kGlobs{
      "*a",         "a?**",          "*/*",        "**b*",       "?*",      "/usr/**/sh", "/usr/bin/*",
      "**/python3", "/{etc,usr}/**", "**/{sh,x*}", "/etc/[!p]*", "{ba,}sh", "**/bin/**",  "*{config,k}*/etc/**"};
  static constexpr std::array<std::string_view, 8> kRegexes{"^a",  "a$",       "[ab]+/",   "^(a|b)*$",
                                                            "sh$", "bin/[^p]", "-k +http", "^/(etc|usr)/"};
  static constexpr std::array<std::string_view, 8> kWithOperands{"in",     "not_in", "prefix",   "prefix",
                                                                 "suffix", "suffix", "contains", "contains"};
  Json result = Json::object();
  bool cased = false;
  for (int n = 1 + pick(2); n > 0; --n) {
    const int op = pick(13);
    cased = cased || op != 12;
    if (op < 8) {
      const std::string name(one_of(kWithOperands));
      result[name] = operands(name.ends_with("in"));
    } else if (op < 10) {
      result[op == 8 ? "eq" : "ne"] = text();
    } else if (op == 10) {
      result["glob"] = pick(2) == 0 ? Json(one_of(kGlobs)) : Json::array({one_of(kGlobs), one_of(kGlobs)});
    } else if (op == 11) {
      result["regex"] = pick(2) == 0 ? Json(one_of(kRegexes)) : Json::array({one_of(kRegexes), one_of(kRegexes)});
    } else {
      result["exists"] = pick(2) == 0;
    }
  }
  if (cased && pick(3) == 0) {
    result["ignore_case"] = true;
  }
  return result;
}

}  // namespace bongsu::testing
