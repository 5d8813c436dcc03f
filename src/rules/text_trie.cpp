// SPDX-License-Identifier: Apache-2.0
#include "rules/text_trie.h"

#include <algorithm>
#include <numeric>

namespace bongsu {
namespace {

// Patterns [begin, end) of the sorted order agree in their first `depth` bytes, which lead to `node`.
struct Range {
  std::uint32_t node;
  std::size_t begin;
  std::size_t end;
  std::size_t depth;
};

}  // namespace

TextTrie::TextTrie(std::span<const std::string> patterns, End end, bool fold) : end_(end), fold_(fold) {
  std::vector<std::size_t> order(patterns.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::string> read;  // as they are walked
  for (const std::string& pattern : patterns) {
    read.push_back(end == End::front ? pattern : std::string(pattern.rbegin(), pattern.rend()));
  }
  std::ranges::stable_sort(order, {}, [&](std::size_t i) -> const std::string& { return read[i]; });
  std::vector<std::uint32_t> begin;  // of each pattern in bytes_
  for (const std::string& pattern : read) {
    begin.push_back(static_cast<std::uint32_t>(bytes_.size()));
    bytes_ += pattern;
  }
  nodes_.emplace_back();
  first_bytes_ += '\0';
  // Breadth first: a node's children come one after the other.
  std::vector<Range> waiting{{0, 0, order.size(), 0}};
  for (std::size_t next = 0; next < waiting.size(); ++next) {
    Range range = waiting[next];
    while (range.begin != range.end && read[order[range.begin]].size() == range.depth) {
      if (nodes_[range.node].pattern == kNone) {
        nodes_[range.node].pattern = static_cast<std::uint32_t>(order[range.begin]);
      }
      ++range.begin;
    }
    nodes_[range.node].first_child = static_cast<std::uint32_t>(nodes_.size());
    while (range.begin != range.end) {
      const std::string& first = read[order[range.begin]];
      std::size_t after = range.begin + 1;
      while (after != range.end && read[order[after]][range.depth] == first[range.depth]) {
        ++after;
      }
      // In sorted order, what the first and the last have in common all of them have.
      const std::string& last = read[order[after - 1]];
      const std::size_t common = static_cast<std::size_t>(
          std::mismatch(first.begin(), first.end(), last.begin(), last.end()).first - first.begin());
      waiting.push_back({static_cast<std::uint32_t>(nodes_.size()), range.begin, after, common});
      Node child;
      child.label = begin[order[range.begin]] + static_cast<std::uint32_t>(range.depth);
      child.label_bytes = static_cast<std::uint32_t>(common - range.depth);
      nodes_.push_back(child);
      first_bytes_ += first[range.depth];
      ++nodes_[range.node].children;
      range.begin = after;
    }
  }
}

std::size_t TextTrie::memory_bytes() const noexcept {
  return nodes_.capacity() * sizeof(Node) + first_bytes_.capacity() + bytes_.capacity();
}

}  // namespace bongsu
