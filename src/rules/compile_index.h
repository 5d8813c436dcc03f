// SPDX-License-Identifier: Apache-2.0
//
// Files every rule under the condition that narrows it most, and makes the indexes by which judge() finds it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rules/limits.h"
#include "rules/program.h"
#include "rules/selection.h"

namespace bongsu {

class IndexBuilder {
 public:
  explicit IndexBuilder(Atoms& atoms) : atoms_(atoms), selector_(atoms) {}

  // Entry number `entry` of the type's has this match.
  void file(const ir::Condition& match, EventType type, std::uint32_t entry);
  void build(std::span<EventProgram> by_event);

 private:
  struct Filed {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> entries;  // key, entry
    std::vector<EntryWord> always;
  };

  std::uint32_t key_of(AtomId atom);
  void look_up(const Filed& filed, EventProgram& event);
  std::shared_ptr<const SearchSet> search_for(const std::vector<std::uint32_t>& keys, bool fold);

  Atoms& atoms_;
  Selector selector_;
  std::unordered_map<AtomId, std::uint32_t> keys_;
  std::vector<AtomId> atom_of_;           // by key
  std::array<Filed, kEventCount> filed_;  // by event type
  std::map<FieldId, std::shared_ptr<const FieldIndex>> fields_;
  std::map<std::vector<std::uint32_t>, std::shared_ptr<const SearchSet>> searches_;  // by the keys in them
  std::uint32_t looks_ = 0;
  std::size_t search_budget_bytes_ = kMaxRegexSetsBytes;
};

}  // namespace bongsu
