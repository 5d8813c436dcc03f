// SPDX-License-Identifier: Apache-2.0
//
// The field tests of all rules, each kept once however many rules write it: an atom. While an event is judged, an
// atom's verdict is found at most once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "events/event_view.h"
#include "rules/ir.h"
#include "rules/look_memo.h"

namespace bongsu {

using AtomId = std::uint32_t;

struct Atom {
  FieldId field = FieldId::none;
  bool every = false;          // every value passes, not any
  bool without_value = false;  // the verdict when the field has none
  bool dear = false;           // of one text: worth to be remembered
  std::uint32_t first_predicate = 0;
  std::uint32_t predicates = 0;  // one value has to pass them all
};

class Atoms {
 public:
  // The atom of a test, made when it is the first of its kind. The test outlives the calls of this.
  AtomId intern(const ir::FieldTest& test);

  [[nodiscard]] std::size_t size() const noexcept { return atoms_.size(); }
  [[nodiscard]] const Atom& operator[](AtomId id) const noexcept { return atoms_[id]; }
  [[nodiscard]] bool verdict(AtomId id, const EventView& event, VerdictMemo& memo) const;

  // Only until the rules are compiled: the test an atom was made of.
  [[nodiscard]] const ir::FieldTest& test(AtomId id) const { return *tests_[id]; }
  // No more intern() and test().
  void seal();

 private:
  struct Hash {
    std::size_t operator()(const ir::FieldTest* test) const;
  };
  struct Equal {
    bool operator()(const ir::FieldTest* left, const ir::FieldTest* right) const;
  };

  [[nodiscard]] bool passes(const Atom& atom, const Value& value) const;

  std::vector<Atom> atoms_;
  std::vector<const Predicate*> predicates_;
  std::vector<std::shared_ptr<const Predicate>> owned_;
  std::vector<const ir::FieldTest*> tests_;                 // by atom
  std::unordered_map<const ir::FieldTest*, AtomId> known_;  // by address: long lists are hashed once
  std::unordered_map<const ir::FieldTest*, AtomId, Hash, Equal> by_content_;
};

}  // namespace bongsu
