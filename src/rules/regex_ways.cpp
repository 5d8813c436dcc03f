// SPDX-License-Identifier: Apache-2.0
//
// A reader of the part of RE2's syntax that patterns of paths are written in. What it does not know it does not guess
// at: then there are no ways at all.
#include <algorithm>
#include <cctype>
#include <iterator>

#include "rules/text_ways.h"

namespace bongsu {
namespace {

constexpr int kMaxSetBytes = 16;  // a larger set of bytes is a gap
constexpr unsigned kNoAscii = 0x80;
constexpr int kMaxDepth = 64;

class Reader {
 public:
  Reader(std::string_view pattern, std::size_t most) : pattern_(pattern), most_(most) {}

  std::optional<std::vector<TextWay>> read() {
    std::vector<TextWay> ways = alternatives(0);
    if (!understood_ || at_ != pattern_.size()) {
      return std::nullopt;
    }
    return ways;
  }

 private:
  [[nodiscard]] bool more() const { return understood_ && at_ < pattern_.size(); }
  [[nodiscard]] bool rest_begins(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }
  bool take(char c) {
    const bool there = more() && pattern_[at_] == c;
    at_ += there ? 1 : 0;
    return there;
  }
  std::vector<TextWay> give_up() {
    understood_ = false;
    return {{kGap}};
  }

  // Up to the end, or to the end of the group.
  std::vector<TextWay> alternatives(int depth) {
    if (depth > kMaxDepth) {
      return give_up();
    }
    std::vector<TextWay> ways;
    do {
      std::ranges::move(sequence(depth), std::back_inserter(ways));
    } while (take('|'));
    return ways.size() <= most_ ? ways : std::vector<TextWay>{{kGap}};
  }

  std::vector<TextWay> sequence(int depth) {
    std::vector<TextWay> ways(1);
    while (more() && pattern_[at_] != '|' && pattern_[at_] != ')') {
      std::vector<TextWay> next = atom(depth);
      repeat(next);
      append(ways, next);
    }
    return ways;
  }

  void append(std::vector<TextWay>& ways, const std::vector<TextWay>& next) const {
    if (next.size() != 1) {
      ways = joined(ways, next, most_);
      return;
    }
    for (TextWay& way : ways) {
      way.insert(way.end(), next.front().begin(), next.front().end());
    }
  }

  std::vector<TextWay> atom(int depth) {
    const char c = pattern_[at_++];
    switch (c) {
      case '(':
        return group(depth);
      case '[':
        return set();
      case '\\':
        return escape();
      case '.':
        return {{kGap}};
      case '^':
        return {{kTextBegin}};
      case '$':
        return {{kTextEnd}};
      case '*':
      case '+':
      case '?':
        return give_up();
      default:
        return byte(c);
    }
  }

  std::vector<TextWay> byte(char c) {
    const auto value = static_cast<unsigned char>(c);
    return value < kNoAscii ? std::vector<TextWay>{{int{value}}} : give_up();
  }

  // Flags that do not change what is literal text here: case is for who asks to mind, and so is the newline.
  std::vector<TextWay> group(int depth) {
    if (take('?')) {
      if (rest_begins("P<") || rest_begins("<")) {
        at_ = std::min(pattern_.find('>', at_), pattern_.size());
        if (!take('>')) {
          return give_up();
        }
      } else {
        while (take('i') || take('s')) {
        }
        if (take(')')) {
          return {{}};
        }
        if (!take(':')) {
          return give_up();
        }
      }
    }
    std::vector<TextWay> ways = alternatives(depth + 1);
    return take(')') ? ways : give_up();
  }

  std::vector<TextWay> escape() {
    if (!more()) {
      return give_up();
    }
    const char c = pattern_[at_++];
    if (std::ispunct(static_cast<unsigned char>(c)) != 0) {
      return byte(c);
    }
    switch (c) {
      case 'd':
      case 'D':
      case 's':
      case 'S':
      case 'w':
      case 'W':
        return {{kGap}};
      case 'b':
      case 'B':
        return {{}};
      case 'A':
        return {{kTextBegin}};
      case 'z':
        return {{kTextEnd}};
      default:
        return give_up();
    }
  }

  // One of a few bytes, each by itself; a gap where they are many.
  std::vector<TextWay> set() {
    std::vector<TextWay> ways;
    bool many = take('^');
    for (bool first = true; more() && (first || pattern_[at_] != ']'); first = false) {
      const std::optional<int> low = set_byte();
      std::optional<int> high = low;
      if (low && rest_begins("-") && !rest_begins("-]")) {
        ++at_;
        high = set_byte();
      }
      many = many || !low || !high || *high - *low >= kMaxSetBytes || std::ssize(ways) > kMaxSetBytes;
      for (int byte = low.value_or(0); !many && byte <= *high; ++byte) {
        ways.push_back({byte});
      }
    }
    if (!take(']')) {
      return give_up();
    }
    return many ? std::vector<TextWay>{{kGap}} : ways;
  }

  // None for a class of bytes.
  std::optional<int> set_byte() {
    const auto c = static_cast<unsigned char>(more() ? pattern_[at_++] : '\0');
    if (c == 0 || c >= kNoAscii || (c == '[' && rest_begins(":"))) {
      understood_ = false;
      return std::nullopt;
    }
    if (c != '\\') {
      return int{c};
    }
    const auto escaped = static_cast<unsigned char>(more() ? pattern_[at_++] : '\0');
    if (escaped != 0 && std::string_view("dDsSwW").find(static_cast<char>(escaped)) != std::string_view::npos) {
      return std::nullopt;
    }
    understood_ = understood_ && std::ispunct(escaped) != 0;
    return int{escaped};
  }

  // What stands behind an atom.
  void repeat(std::vector<TextWay>& ways) {
    while (more()) {
      if (take('?')) {
        ways.emplace_back();
      } else if (take('*') || counted()) {
        ways = {{kGap}};
      } else if (take('+')) {
        // Of several ways each turn may be another: not worth taking apart.
        ways = ways.size() == 1 ? joined(ways, {{kGap}}, most_) : std::vector<TextWay>{{kGap}};
      } else {
        return;
      }
    }
  }

  // `{2}`, `{2,}`, `{2,5}`; any other brace is itself.
  bool counted() {
    const std::size_t end = pattern_.find('}', at_);
    if (!more() || pattern_[at_] != '{' || end == std::string_view::npos || at_ + 1 == end ||
        std::isdigit(static_cast<unsigned char>(pattern_[at_ + 1])) == 0 ||
        pattern_.substr(at_ + 1, end - at_ - 1).find_first_not_of("0123456789,") != std::string_view::npos) {
      return false;
    }
    at_ = end + 1;
    return true;
  }

  std::string_view pattern_;
  std::size_t most_;
  std::size_t at_ = 0;
  bool understood_ = true;
};

}  // namespace

std::optional<std::vector<TextWay>> regex_ways(std::string_view pattern, std::size_t most) {
  std::optional<std::vector<TextWay>> ways = Reader(pattern, most).read();
  if (ways) {
    for (TextWay& way : *ways) {
      way.insert(way.begin(), kGap);
      way.push_back(kGap);
    }
  }
  return ways;
}

}  // namespace bongsu
