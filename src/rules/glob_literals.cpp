// SPDX-License-Identifier: Apache-2.0
#include "rules/glob_literals.h"

#include <algorithm>

#include "rules/text_ways.h"

namespace bongsu {
namespace {

constexpr std::size_t kMaxWays = 16;
constexpr std::size_t kMaxLiteralBytes = 64;  // more of a literal would narrow no more

GlobLiterals literals_of(const TextWay& way) {
  GlobLiterals result;
  std::string run;
  bool gap = false;
  for (const int element : way) {
    if (element >= 0) {
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
  for (const TextWay& way : glob_ways(pattern, kMaxWays)) {
    result.push_back(literals_of(way));
  }
  return result;
}

}  // namespace bongsu
