// SPDX-License-Identifier: Apache-2.0
//
// Which of many regexes may be found in a text, for the price of one: an RE2::Set says in one pass whether any of them
// is there, which for most texts is no. Only where it is, the sets of an eighth each are asked, and so on down to
// eight, which are then for the caller to judge one by one. (RE2::Set could name the regexes itself, but allocates to
// do so.)
//
// A set whose automaton would outgrow its memory says yes: what it guards is judged below.
#pragma once

#include <re2/re2.h>
#include <re2/set.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu {

struct SearchPattern {
  std::string regex;      // RE2's syntax
  std::uint32_t key = 0;  // what the caller knows it by
};

class SearchSet {
 public:
  // Takes what its automata may hold from `budget_bytes`; regexes for which nothing is left are always candidates.
  SearchSet(std::vector<SearchPattern> patterns, bool fold, std::size_t& budget_bytes);

  // Calls use(key) for each regex that may be found in the text, and for few others.
  template <typename Use>
  void candidates(std::string_view text, Use&& use) const {
    visit(0, text, use);
  }

 private:
  static constexpr std::size_t kFan = 8;

  struct Node {
    std::unique_ptr<RE2::Set> set;  // null: too large
    std::size_t begin = 0;          // its patterns
    std::size_t end = 0;
    std::vector<std::size_t> children;  // none: the patterns themselves
  };

  [[nodiscard]] std::unique_ptr<RE2::Set> compile(std::size_t begin, std::size_t end, bool fold,
                                                  std::size_t& budget_bytes) const;
  [[nodiscard]] static bool may_hold(const Node& node, std::string_view text);

  template <typename Use>
  void visit(std::size_t at, std::string_view text, Use& use) const {
    const Node& node = nodes_[at];
    if (!may_hold(node, text)) {
      return;
    }
    for (const std::size_t child : node.children) {
      visit(child, text, use);
    }
    if (node.children.empty()) {
      for (std::size_t i = node.begin; i != node.end; ++i) {
        use(patterns_[i].key);
      }
    }
  }

  std::vector<SearchPattern> patterns_;
  std::vector<Node> nodes_;  // [0]: all patterns
};

// RE2's options as the language means a regex: bytes, where `.` takes each, newline included.
[[nodiscard]] RE2::Options regex_options(bool fold, std::size_t max_bytes);

}  // namespace bongsu
