// SPDX-License-Identifier: Apache-2.0
//
// The compiled form. A rule's match is a walk: steps that each ask for an atom's verdict and have two places to go on
// at, until it falls off at kAccept or kReject. No tree, no stack; equal walks, and equal ends of walks, are one.
//
// For each event type there is an index in front of the rules: its fields are looked up once each, and only rules that
// are found that way, or that no condition narrows, are walked.
//
// Owned by its Ruleset; but for the scratch, never changed.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <vector>

#include "rules/atoms.h"
#include "rules/engine.h"
#include "rules/field_index.h"
#include "rules/look_memo.h"
#include "rules/postings.h"
#include "rules/scratch.h"
#include "rules/search_set.h"

namespace bongsu {

inline constexpr std::uint32_t kAccept = 0xffffffff;
inline constexpr std::uint32_t kReject = 0xfffffffe;

struct Step {
  AtomId atom = 0;
  std::uint32_t on_true = kAccept;
  std::uint32_t on_false = kReject;
  friend bool operator==(const Step&, const Step&) = default;
};

struct Entry {
  Match match;
  std::uint32_t start = 0;       // first step, or kAccept when every event of the type is met
  std::uint32_t exceptions = 0;  // first step of the rule's exceptions, judged after that; kReject when there are none
};

// A field that is looked up in the indexes.
struct FieldLook {
  FieldId field = FieldId::none;
  std::uint32_t number = 0;  // in the whole program, for the memo
  MethodSet methods = 0;
  std::shared_ptr<const FieldIndex> index;                   // null: only searched
  std::array<std::shared_ptr<const SearchSet>, 2> searches;  // by case; null: none
};

// An atom whose verdict stands in front of the rules that are filed under it.
struct Guard {
  AtomId atom = 0;
  std::uint32_t key = 0;
};

struct EventProgram {
  std::vector<Entry> entries;  // in the order of rules, then of steps
  std::vector<FieldLook> looks;
  std::vector<Guard> guards;
  Postings filed;                 // by key: the entries to be walked
  std::vector<EntryWord> always;  // entries that nothing narrows
};

struct Ruleset::Program {
  std::vector<Rule> rules;
  Atoms atoms;
  std::vector<Step> steps;
  std::array<EventProgram, kEventCount> by_event;  // index: EventType
  std::bitset<kEventCount> wanted;
  ScratchSlot scratch;
};

}  // namespace bongsu
