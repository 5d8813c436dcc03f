// SPDX-License-Identifier: Apache-2.0
//
// A set of texts, each with a number, found by hash: an open table over one run of bytes, so that a look takes one or
// two cache lines. Most texts are turned away by their length alone. Never changed once built.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu {

class TextMap {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  TextMap() = default;
  // A text's number is its place in `texts`; of equal texts, the first one's. With `fold`, letters are equal whatever
  // their case, and the texts are folded already.
  TextMap(std::span<const std::string> texts, bool fold);

  [[nodiscard]] std::uint32_t find(std::string_view sought) const noexcept;
  [[nodiscard]] bool contains(std::string_view text) const noexcept { return find(text) != kNone; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = kNone;  // kNone: free
  };

  [[nodiscard]] std::string_view text(std::uint32_t number) const noexcept;

  std::vector<Slot> slots_;           // a power of two of them, at most half in use
  std::vector<std::uint32_t> begin_;  // of each text in bytes_, and the end of the last
  std::string bytes_;
  std::uint64_t lengths_ = 0;  // bit n: a text of n bytes is there; the last bit: of 63 or more
  bool fold_ = false;
};

}  // namespace bongsu
