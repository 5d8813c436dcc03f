// SPDX-License-Identifier: Apache-2.0
#include "rules/path_keys.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <vector>

#include "rules/text_case.h"
#include "rules/text_ways.h"

namespace bongsu {
namespace {

constexpr std::size_t kMaxWays = 1024;  // through one pattern

// Costs, guessed.
constexpr unsigned kNearlyAll = 4000;
constexpr unsigned kMany = 500;
constexpr unsigned kSome = 20;
constexpr unsigned kFew = 2;

unsigned component_cost(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kEverywhere{"usr", "lib", "etc", "proc", "sys", "dev", "var", "bin"};
  static constexpr std::array<std::string_view, 16> kOften{"home",  "root", "tmp",   "run",  "sbin",  "lib64",
                                                           "local", "opt",  "share", "self", "cache", "log",
                                                           "app",   "data", "fd",    "task"};
  constexpr std::size_t kShort = 3;
  return std::ranges::find(kEverywhere, name) != kEverywhere.end() ? kNearlyAll
         : std::ranges::find(kOften, name) != kOften.end()         ? kMany
         : name.size() < kShort                                    ? kSome
                                                                   : kFew;
}

unsigned extension_cost(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kOften{"so",  "py", "conf", "json", "js",  "txt",
                                                           "log", "c",  "h",    "html", "php", "pyc"};
  return std::ranges::find(kOften, name) != kOften.end() ? kMany : kSome;
}

constexpr std::string_view kCut = "...";  // what stands for the front of a path that is too long

// Walks one way and keeps the rarest of what has to be in a path that goes it.
class Finder {
 public:
  // False when there is nothing that has to be.
  bool find(const TextWay& way, PathKeys& keys) {
    for (const int element : way) {
      see(element);
    }
    if (best_.empty()) {
      return false;
    }
    (is_extension_ ? keys.extensions : keys.components).insert(best_);
    return true;
  }

 private:
  void see(int element) {
    switch (element) {
      case kGap:
        begin(false);
        return;
      case kStart:
      case kTextBegin:
        begin(true);
        return;
      case '/':
        end_component();
        begin(true);
        return;
      case kTextEnd:
        end_component();
        end_text();
        begin(false);
        return;
      default:
        text_ += static_cast<char>(element);
    }
  }

  void begin(bool whole) {
    text_.clear();
    whole_ = whole;
  }

  // A dot or two are the way to another file, and not in the kernel's paths.
  void end_component() {
    if (whole_ && !text_.empty() && text_ != kCut) {
      offer(text_, component_cost(folded(text_)), false);
    }
  }

  void end_text() {
    const std::size_t dot = text_.rfind('.');
    if (dot != std::string::npos && dot + 1 < text_.size()) {
      const std::string extension = text_.substr(dot + 1);
      offer(extension, extension_cost(folded(extension)), true);
    }
  }

  void offer(const std::string& text, unsigned cost, bool is_extension) {
    if (best_.empty() || cost < cost_ || (cost == cost_ && text.size() > best_.size())) {
      best_ = folded(text);
      cost_ = cost;
      is_extension_ = is_extension;
    }
  }

  std::string text_;    // since the last boundary or gap
  bool whole_ = false;  // it began at a component's begin
  std::string best_;
  unsigned cost_ = 0;
  bool is_extension_ = false;
};

TextWay bytes(std::string_view text) {
  TextWay way;
  way.reserve(text.size());
  for (const char c : text) {
    way.push_back(static_cast<unsigned char>(c));
  }
  return way;
}

TextWay between(int front, TextWay way, int back) {
  way.insert(way.begin(), front);
  way.push_back(back);
  return way;
}

std::vector<TextWay> whole(std::vector<TextWay> ways) {
  for (TextWay& way : ways) {
    way = between(kTextBegin, std::move(way), kTextEnd);
  }
  return ways;
}

// The ways through an operand; none when the operator says too little about the text.
std::optional<std::vector<TextWay>> ways_of(std::string_view op, const std::string& operand) {
  if (op == "eq" || op == "in") {
    return std::vector<TextWay>{between(kTextBegin, bytes(operand), kTextEnd)};
  }
  if (op == "prefix") {
    return std::vector<TextWay>{between(kTextBegin, bytes(operand), kGap)};
  }
  if (op == "suffix") {
    return std::vector<TextWay>{between(kGap, bytes(operand), kTextEnd)};
  }
  if (op == "contains") {
    return std::vector<TextWay>{between(kGap, bytes(operand), kGap)};
  }
  if (op == "glob") {
    return whole(glob_ways(operand, kMaxWays));
  }
  return op == "regex" ? regex_ways(operand, kMaxWays) : std::nullopt;
}

// Whether the component ".." has to be in a path that goes this way.
bool climbs(const TextWay& way) {
  std::string text;
  bool whole = false;  // text began at a component's begin
  for (const int element : way) {
    const bool begins = element == '/' || element == kStart || element == kTextBegin;
    if ((element == '/' || element == kTextEnd) && whole && text == "..") {
      return true;
    }
    if (begins || element == kGap || element == kTextEnd) {
      text.clear();
      whole = begins;
    } else {
      text += static_cast<char>(element);
    }
  }
  return false;
}

std::optional<PathKeys> keys_of(const ir::Test& test) {
  PathKeys keys;
  for (const Literal& value : test.operand.values) {
    const auto* const text = std::get_if<std::string>(&value);
    const auto ways = text == nullptr ? std::nullopt : ways_of(test.op->name, *text);
    if (!ways || !std::ranges::all_of(*ways, [&](const TextWay& way) { return Finder().find(way, keys); })) {
      return std::nullopt;
    }
  }
  return keys;
}

}  // namespace

bool has_to_climb(const ir::FieldTest& test) {
  return std::ranges::any_of(test.tests, [](const ir::Test& each) {
    return std::ranges::all_of(each.operand.values, [&](const Literal& value) {
      const auto* const text = std::get_if<std::string>(&value);
      const auto ways = text == nullptr ? std::nullopt : ways_of(each.op->name, *text);
      return ways && std::ranges::all_of(*ways, climbs);
    });
  });
}

unsigned PathKeys::cost() const {
  const auto components_cost = [](unsigned sum, const std::string& name) { return sum + component_cost(name); };
  const auto extensions_cost = [](unsigned sum, const std::string& name) { return sum + extension_cost(name); };
  return std::accumulate(components.begin(), components.end(), 0U, components_cost) +
         std::accumulate(extensions.begin(), extensions.end(), 0U, extensions_cost);
}

void PathKeys::unite(const PathKeys& other) {
  components.insert(other.components.begin(), other.components.end());
  extensions.insert(other.extensions.begin(), other.extensions.end());
}

bool PathKeys::covers(const PathKeys& other) const {
  return std::ranges::includes(components, other.components) && std::ranges::includes(extensions, other.extensions);
}

std::optional<PathKeys> path_keys(const ir::FieldTest& test) {
  std::optional<PathKeys> best;
  for (const ir::Test& each : test.tests) {
    std::optional<PathKeys> keys = keys_of(each);
    if (keys && (!best || keys->cost() < best->cost())) {
      best = std::move(keys);
    }
  }
  return best;
}

}  // namespace bongsu
