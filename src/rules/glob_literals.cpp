// SPDX-License-Identifier: Apache-2.0
#include "rules/glob_literals.h"

#include <algorithm>

namespace bongsu {
namespace {

constexpr std::size_t kMaxWays = 16;
constexpr std::size_t kMaxLiteralBytes = 64;  // more of a literal would narrow no more
constexpr int kGap = -1;                      // anything, or nothing

using Way = std::vector<int>;  // bytes and gaps

class Reader {
 public:
  explicit Reader(std::string_view pattern) : pattern_(pattern) {}

  // Up to the end, or inside braces up to the end of an alternative.
  std::vector<Way> sequence(bool in_braces) {
    std::vector<Way> ways(1);
    while (at_ < pattern_.size() && (!in_braces || (pattern_[at_] != ',' && pattern_[at_] != '}'))) {
      const char c = pattern_[at_];
      if (c == '{') {
        ways = product(ways, braces());
        continue;
      }
      const int element = next();
      for (Way& way : ways) {
        way.push_back(element);
      }
    }
    return ways;
  }

 private:
  int next() {
    switch (const char c = pattern_[at_++]) {
      case '*':
        return stars();
      case '?':
        return kGap;
      case '[':
        set();
        return kGap;
      case '\\':
        return static_cast<unsigned char>(at_ < pattern_.size() ? pattern_[at_++] : c);
      default:
        return static_cast<unsigned char>(c);
    }
  }

  // `**/` may match nothing: its slash is part of the gap.
  int stars() {
    bool several = false;
    for (; at_ < pattern_.size() && pattern_[at_] == '*'; ++at_) {
      several = true;
    }
    if (several && at_ < pattern_.size() && pattern_[at_] == '/') {
      ++at_;
    }
    return kGap;
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

  std::vector<Way> braces() {
    std::vector<Way> ways;
    do {
      ++at_;
      std::ranges::move(sequence(true), std::back_inserter(ways));
    } while (at_ < pattern_.size() && pattern_[at_] == ',');
    ++at_;
    return ways;
  }

  static std::vector<Way> product(const std::vector<Way>& heads, const std::vector<Way>& tails) {
    static const std::vector<Way> kOnlyGap{{kGap}};
    const std::vector<Way>& kept = heads.size() * tails.size() <= kMaxWays ? tails : kOnlyGap;
    std::vector<Way> ways;
    for (const Way& head : heads) {
      for (const Way& tail : kept) {
        ways.push_back(head);
        ways.back().insert(ways.back().end(), tail.begin(), tail.end());
      }
    }
    return ways;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
};

GlobLiterals literals_of(const Way& way) {
  GlobLiterals result;
  std::string run;
  bool gap = false;
  for (const int element : way) {
    if (element != kGap) {
      run += static_cast<char>(element);
      continue;
    }
    if (!gap) {
      result.prefix = run.substr(0, kMaxLiteralBytes);
    }
    gap = true;
    if (run.size() > result.longest.size()) {
      result.longest = run.substr(0, kMaxLiteralBytes);
    }
    run.clear();
  }
  if (!gap) {
    result.prefix = run.substr(0, kMaxLiteralBytes);
  }
  if (run.size() > result.longest.size()) {
    result.longest = run.substr(0, kMaxLiteralBytes);
  }
  result.suffix = run.substr(run.size() - std::min(run.size(), kMaxLiteralBytes));
  return result;
}

}  // namespace

std::vector<GlobLiterals> glob_literals(std::string_view pattern) {
  std::vector<GlobLiterals> result;
  for (const Way& way : Reader(pattern).sequence(false)) {
    result.push_back(literals_of(way));
  }
  return result;
}

}  // namespace bongsu
