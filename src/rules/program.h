// SPDX-License-Identifier: Apache-2.0
//
// The compiled form: every rule's match as a flat run of field tests, each with two places to go on at. No tree, no
// stack: a verdict is a walk from step to step until it falls off at kAccept or kReject. Owned by its Ruleset, never
// changed.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <vector>

#include "rules/engine.h"
#include "rules/operator.h"

namespace bongsu {

inline constexpr std::uint32_t kAccept = 0xffffffff;
inline constexpr std::uint32_t kReject = 0xfffffffe;

struct Step {
  FieldId field = FieldId::none;
  bool every = false;          // every value passes, not any
  bool without_value = false;  // the verdict when the field has none
  std::uint32_t first_predicate = 0;
  std::uint32_t predicates = 0;  // one value has to pass them all
  std::uint32_t on_true = kAccept;
  std::uint32_t on_false = kReject;
};

struct Entry {
  Match match;
  std::uint32_t start = 0;       // first step, or kAccept when every event of the type is met
  std::uint32_t exceptions = 0;  // first step of the rule's exceptions, judged after that; kReject when there are none
};

struct Ruleset::Program {
  std::vector<Rule> rules;
  std::vector<Step> steps;
  std::vector<const Predicate*> predicates;
  std::array<std::vector<Entry>, kEventCount> by_event;  // index: EventType; in the order of rules
  std::bitset<kEventCount> wanted;
  std::vector<std::shared_ptr<const Predicate>> owned;
};

}  // namespace bongsu
