// SPDX-License-Identifier: Apache-2.0
//
// The literal text in a glob, for the index: what every text that it matches begins with, ends with and holds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bongsu {

// Of one way through the glob's braces. Any of the three may be empty, and none is long.
struct GlobLiterals {
  std::string prefix;
  std::string suffix;
  std::string longest;
};

// One for each way through the braces, or fewer where there are many of them; a text that the glob matches has all
// three literals of at least one. The pattern is one that Glob::compile takes.
[[nodiscard]] std::vector<GlobLiterals> glob_literals(std::string_view pattern);

}  // namespace bongsu
