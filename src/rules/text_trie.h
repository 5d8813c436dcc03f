// SPDX-License-Identifier: Apache-2.0
//
// Which of many patterns a text begins with, or ends with: a trie whose edges are runs of bytes. A look walks down as
// far as the text agrees with any pattern, so texts that begin like none cost a byte or two. Never changed once built.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/text_case.h"

namespace bongsu {

class TextTrie {
 public:
  enum class End : std::uint8_t { front, back };  // patterns are prefixes, or suffixes

  TextTrie() = default;
  // A pattern's number is its place in `patterns`; of equal ones, the first one's. With `fold`, letters are equal
  // whatever their case, and the patterns are folded already.
  TextTrie(std::span<const std::string> patterns, End end, bool fold);

  // Calls use(number) for each pattern that the text begins (ends) with, shortest first, until it returns true; says
  // whether it did.
  template <typename Use>
  bool any(std::string_view text, Use&& use) const {
    if (nodes_.empty()) {
      return false;
    }
    std::size_t depth = 0;
    const Node* node = &nodes_[0];
    for (;;) {
      if (node->pattern != kNone && use(node->pattern)) {
        return true;
      }
      if (depth == text.size() || node->children == 0) {
        return false;
      }
      const char* const first = first_bytes_.data() + node->first_child;
      const void* const found = std::memchr(first, byte_at(text, depth), node->children);
      if (found == nullptr) {
        return false;
      }
      node = &nodes_[node->first_child + static_cast<std::size_t>(static_cast<const char*>(found) - first)];
      if (!agrees(text, depth, *node)) {
        return false;
      }
      depth += node->label_bytes;
    }
  }

  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;

  struct Node {
    std::uint32_t label = 0;  // the edge that leads here: where in bytes_
    std::uint32_t label_bytes = 0;
    std::uint32_t first_child = 0;  // they lie beside one another
    std::uint32_t children = 0;
    std::uint32_t pattern = kNone;  // that ends here
  };

  [[nodiscard]] char byte_at(std::string_view text, std::size_t depth) const {
    const char c = end_ == End::front ? text[depth] : text[text.size() - 1 - depth];
    return fold_ ? fold_case(c) : c;
  }

  [[nodiscard]] bool agrees(std::string_view text, std::size_t depth, const Node& node) const {
    if (text.size() - depth < node.label_bytes) {
      return false;
    }
    const char* const label = bytes_.data() + node.label;
    if (end_ == End::front && !fold_) {
      return std::memcmp(text.data() + depth, label, node.label_bytes) == 0;
    }
    for (std::size_t i = 0; i < node.label_bytes; ++i) {
      if (byte_at(text, depth + i) != label[i]) {
        return false;
      }
    }
    return true;
  }

  std::vector<Node> nodes_;  // [0] is the root
  std::string first_bytes_;  // beside nodes_: the first byte of each label
  std::string bytes_;        // of all patterns; of suffixes from their end
  End end_ = End::front;
  bool fold_ = false;
};

}  // namespace bongsu
