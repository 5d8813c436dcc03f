// SPDX-License-Identifier: Apache-2.0
//
// Path-aware patterns, matched against the whole text:
//   *       any run of bytes without '/'          ?      one byte that is not '/'
//   **      any run of bytes                      [a-z]  one of them, [!a-z] one other; never '/'
//   {a,b}   one of the alternatives, nestable     \x     the byte x itself
// `**/` at the start or after a '/' also matches nothing: /a/**/b takes /a/b and /a/x/y/b.
//
// A pattern becomes a small automaton whose states are walked side by side: time is at most text times pattern,
// whatever either holds. Matching does not allocate.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bongsu {

class Glob {
 public:
  [[nodiscard]] static Result<Glob> compile(std::string_view pattern, bool ignore_case);

  [[nodiscard]] bool matches(std::string_view text) const noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  friend class GlobParser;

  enum class Kind : std::uint8_t { byte, any, set, star, globstar, fork, jump, accept };
  struct State {
    Kind kind = Kind::accept;
    char byte = 0;             // kind byte
    std::uint16_t first = 0;   // fork, jump: the next state; set: index into sets_
    std::uint16_t second = 0;  // fork: the other next state
  };
  using ByteSet = std::bitset<256>;

  Glob() = default;
  [[nodiscard]] bool consumes(const State& state, char c) const noexcept;

  std::string prefix_;  // literal bytes before the first state, compared at once
  std::vector<State> states_;
  std::vector<ByteSet> sets_;
  bool fold_ = false;
};

}  // namespace bongsu
