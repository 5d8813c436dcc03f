// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "rules/text_ways.h"

namespace bongsu {
namespace {

class Reader {
 public:
  Reader(std::string_view pattern, std::size_t most) : pattern_(pattern), most_(most) {}

  // Up to the end, or inside braces up to the end of an alternative.
  std::vector<TextWay> sequence(bool in_braces) {
    std::vector<TextWay> ways(1);
    while (at_ < pattern_.size() && (!in_braces || (pattern_[at_] != ',' && pattern_[at_] != '}'))) {
      if (pattern_[at_] == '{') {
        ways = joined(ways, braces(), most_);
        continue;
      }
      const TextWay next = element();
      for (TextWay& way : ways) {
        way.insert(way.end(), next.begin(), next.end());
      }
    }
    return ways;
  }

 private:
  TextWay element() {
    switch (const char c = pattern_[at_++]) {
      case '*':
        return stars();
      case '?':
        return {kGap};
      case '[':
        set();
        return {kGap};
      case '\\':
        return {static_cast<unsigned char>(at_ < pattern_.size() ? pattern_[at_++] : c)};
      default:
        return {static_cast<unsigned char>(c)};
    }
  }

  // `**/` may match nothing, where it begins a component: its slash is part of the gap then.
  TextWay stars() {
    const std::size_t start = at_ - 1;
    while (at_ < pattern_.size() && pattern_[at_] == '*') {
      ++at_;
    }
    const bool whole_folder =
        at_ - start > 1 && (start == 0 || pattern_[start - 1] == '/') && at_ < pattern_.size() && pattern_[at_] == '/';
    if (!whole_folder) {
      return {kGap};
    }
    ++at_;
    return {kGap, kStart};
  }

  void set() {
    if (at_ < pattern_.size() && (pattern_[at_] == '!' || pattern_[at_] == '^')) {
      ++at_;
    }
    for (bool first = true; at_ < pattern_.size() && (first || pattern_[at_] != ']'); first = false) {
      at_ += pattern_[at_] == '\\' ? std::size_t{2} : std::size_t{1};
    }
    ++at_;
  }

  std::vector<TextWay> braces() {
    std::vector<TextWay> ways;
    do {
      ++at_;
      std::ranges::move(sequence(true), std::back_inserter(ways));
    } while (at_ < pattern_.size() && pattern_[at_] == ',');
    ++at_;
    return ways;
  }

  std::string_view pattern_;
  std::size_t most_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<TextWay> joined(const std::vector<TextWay>& heads, const std::vector<TextWay>& tails, std::size_t most) {
  static const std::vector<TextWay> kOnlyGap{{kGap}};
  const std::vector<TextWay>& kept = heads.size() * tails.size() <= most ? tails : kOnlyGap;
  std::vector<TextWay> ways;
  ways.reserve(heads.size() * kept.size());
  for (const TextWay& head : heads) {
    for (const TextWay& tail : kept) {
      ways.push_back(head);
      ways.back().insert(ways.back().end(), tail.begin(), tail.end());
    }
  }
  return ways;
}

std::vector<TextWay> glob_ways(std::string_view pattern, std::size_t most) {
  return Reader(pattern, most).sequence(false);
}

}  // namespace bongsu
