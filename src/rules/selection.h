// SPDX-License-Identifier: Apache-2.0
//
// By which of its conditions a rule is found: the one that the fewest events meet, of those that every match has to
// meet. What is estimated here decides about speed only, never about a verdict.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/atoms.h"

namespace bongsu {

// How it is found out which atoms an event meets.
enum class Method : std::uint8_t {
  judge,    // the atom itself is judged
  text,     // equal texts, by hash
  number,   // equal numbers, by hash
  prefix,   // by trie
  suffix,   // by trie, from the end
  network,  // by hash, for each length of prefix
  search,   // by one automaton for all
};

struct Filing {
  Method method = Method::judge;
  float share = 1;                 // of the events, guessed; 1: nearly all, not worth a look
  const ir::Test* test = nullptr;  // the operator that it is found by; null with judge
};

// The patterns that an atom is found by, folded where the test ignores case; of `search` in RE2's syntax. Not for
// numbers and networks, which are the test's operands.
[[nodiscard]] std::vector<std::string> patterns(const Filing& filing);

// What the event type alone says about a test: nothing, or its verdict on every such event.
[[nodiscard]] std::optional<bool> constant(const ir::FieldTest& test, EventType type);

class Selector {
 public:
  explicit Selector(Atoms& atoms) : atoms_(atoms) {}

  struct Choice {
    float share = 1;
    std::vector<AtomId> atoms;  // an event that meets none of them does not meet the condition
    [[nodiscard]] bool narrows() const { return share < 1; }
  };
  [[nodiscard]] Choice choose(const ir::Condition& condition, EventType type) { return choose(condition, type, false); }
  [[nodiscard]] const Filing& filing(AtomId atom);

 private:
  [[nodiscard]] Choice choose(const ir::Condition& condition, EventType type, bool negated);
  [[nodiscard]] Choice choose(const ir::FieldTest& test, EventType type, bool negated);

  Atoms& atoms_;
  std::vector<std::optional<Filing>> filings_;  // by atom
};

}  // namespace bongsu
