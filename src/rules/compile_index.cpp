// SPDX-License-Identifier: Apache-2.0
#include "rules/compile_index.h"

#include <algorithm>
#include <set>
#include <string>

namespace bongsu {

std::uint32_t IndexBuilder::key_of(AtomId atom) {
  const auto [found, added] = keys_.try_emplace(atom, static_cast<std::uint32_t>(atom_of_.size()));
  if (added) {
    atom_of_.push_back(atom);
  }
  return found->second;
}

void IndexBuilder::file(const ir::Condition& match, EventType type, std::uint32_t entry) {
  Filed& filed = filed_.at(static_cast<std::size_t>(type));
  Selector::Choice choice = selector_.choose(match, type);
  if (!choice.narrows()) {
    if (filed.always.empty() || filed.always.back().word != entry / 64) {
      filed.always.push_back({entry / 64, 0});
    }
    filed.always.back().bits |= std::uint64_t{1} << (entry % 64);
    return;
  }
  std::ranges::sort(choice.atoms);
  choice.atoms.erase(std::unique(choice.atoms.begin(), choice.atoms.end()), choice.atoms.end());
  for (const AtomId atom : choice.atoms) {
    filed.entries.emplace_back(key_of(atom), entry);
  }
}

void IndexBuilder::build(std::span<EventProgram> by_event) {
  std::map<FieldId, std::vector<FieldIndex::Item>> items;
  for (std::uint32_t key = 0; key < atom_of_.size(); ++key) {
    const Filing& filing = selector_.filing(atom_of_[key]);
    if (filing.method != Method::judge && filing.method != Method::search) {
      items[atoms_[atom_of_[key]].field].push_back({key, filing});
    }
  }
  for (const auto& [field, its_items] : items) {
    fields_[field] = std::make_shared<FieldIndex>(its_items);
  }
  for (std::size_t type = 0; type < filed_.size(); ++type) {
    Filed& filed = filed_[type];
    by_event[type].always = std::move(filed.always);
    if (!filed.entries.empty()) {
      by_event[type].filed = Postings(filed.entries, atom_of_.size());
      look_up(filed, by_event[type]);
    }
  }
}

// What the type's events are looked up by.
void IndexBuilder::look_up(const Filed& filed, EventProgram& event) {
  std::set<std::uint32_t> keys;
  for (const auto& [key, entry] : filed.entries) {
    keys.insert(key);
  }
  std::map<FieldId, FieldLook> looks;
  std::map<std::pair<FieldId, bool>, std::vector<std::uint32_t>> searched;
  for (const std::uint32_t key : keys) {
    const Filing& filing = selector_.filing(atom_of_[key]);
    const FieldId field = atoms_[atom_of_[key]].field;
    if (filing.method == Method::judge) {
      event.guards.push_back({atom_of_[key], key});
      continue;
    }
    FieldLook& look = looks[field];
    look.field = field;
    const bool fold = filing.test->operand.ignore_case;
    if (filing.method == Method::search) {
      searched[{field, fold}].push_back(key);
    } else {
      look.index = fields_.at(field);
      look.methods |= method_bit(filing.method, fold);
    }
  }
  for (const auto& [where, its_keys] : searched) {
    looks[where.first].searches.at(where.second ? 1 : 0) = search_for(its_keys, where.second);
  }
  for (auto& [field, look] : looks) {
    look.number = looks_++;
    event.looks.push_back(std::move(look));
  }
}

// Event types with the same regexes share one set.
std::shared_ptr<const SearchSet> IndexBuilder::search_for(const std::vector<std::uint32_t>& keys, bool fold) {
  std::shared_ptr<const SearchSet>& set = searches_[keys];
  if (set == nullptr) {
    std::vector<SearchPattern> found;
    for (const std::uint32_t key : keys) {
      for (std::string& regex : patterns(selector_.filing(atom_of_[key]))) {
        found.push_back({std::move(regex), key});
      }
    }
    set = std::make_shared<const SearchSet>(std::move(found), fold, search_budget_bytes_);
  }
  return set;
}

}  // namespace bongsu
