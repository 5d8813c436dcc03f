// SPDX-License-Identifier: Apache-2.0
#include "rules/pushdown_need.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <iterator>
#include <type_traits>
#include <utility>

namespace bongsu {
namespace {

constexpr std::size_t kOpenFlag = static_cast<std::size_t>(Trait::open_flag);

// How many opens have one of these flags, guessed.
unsigned flags_cost(TraitSet flags) {
  static constexpr std::array<std::pair<TraitSet, unsigned>, 5> kCosts{{{BONGSU_OPEN_READ, 100},
                                                                        {BONGSU_OPEN_DIRECTORY, 20},
                                                                        {BONGSU_OPEN_NOFOLLOW, 20},
                                                                        {BONGSU_OPEN_WRITE, 15},
                                                                        {BONGSU_OPEN_CREATE, 10}}};
  auto cost = static_cast<unsigned>(std::popcount(flags));
  for (const auto& [flag, its_cost] : kCosts) {
    cost += (flags & flag) != 0 ? its_cost : 0;
  }
  return cost;
}

// An open has several flags, so "one of these" and "one of those" is not "one of both": one of the two is kept.
TraitSet rarer_flags(TraitSet a, TraitSet b) {
  if ((a & b) == a || (a & b) == b) {
    return a & b;
  }
  return flags_cost(b) < flags_cost(a) ? b : a;
}

template <typename T>
bool covers(const std::optional<T>& wide, const std::optional<T>& narrow) {
  if constexpr (std::is_same_v<T, PathKeys>) {
    return !wide || (narrow && wide->covers(*narrow));
  } else {
    return !wide || (narrow && std::ranges::includes(*wide, *narrow));
  }
}

}  // namespace

bool NumberRange::covers(const NumberRange& other) const {
  const auto has = [&](std::uint64_t number) { return contains(number) || !other.contains(number); };
  return (others_ || !other.others_) && std::ranges::all_of(listed_, has) && std::ranges::all_of(other.listed_, has);
}

template <typename Join>
NumberRange NumberRange::joined(const NumberRange& other, Join&& join) const {
  NumberRange result(join(others_, other.others_), {});
  std::set<std::uint64_t> named = listed_;
  named.insert(other.listed_.begin(), other.listed_.end());
  std::ranges::copy_if(named, std::inserter(result.listed_, result.listed_.end()), [&](std::uint64_t number) {
    return join(contains(number), other.contains(number)) != result.others_;
  });
  return result;
}

void NumberRange::intersect(const NumberRange& other) { *this = joined(other, std::logical_and<>()); }

void NumberRange::unite(const NumberRange& other) { *this = joined(other, std::logical_or<>()); }

Need::Need() {
  for (std::size_t i = 0; i < kTraits; ++i) {
    traits[i] = every_value(static_cast<Trait>(i));
  }
}

bool Need::is_possible() const {
  const bool some_comm = !comms || !comms->empty();
  const bool some_path = !paths || paths->size() != 0;
  const bool some_outcome = !error.is_empty() || (of(Trait::outcome) & 1U) != 0;
  return std::ranges::none_of(traits, [](TraitSet set) { return set == 0; }) && !uid.is_empty() && some_outcome &&
         some_comm && some_path;
}

bool Need::is_everything() const {
  for (std::size_t i = 0; i < kTraits; ++i) {
    if (traits[i] != every_value(static_cast<Trait>(i))) {
      return false;
    }
  }
  return error.is_all() && uid.is_all() && port.is_all() && !comms && !paths;
}

bool Need::covers(const Need& other) const {
  for (std::size_t i = 0; i < kTraits; ++i) {
    if ((traits[i] & other.traits[i]) != other.traits[i]) {
      return false;
    }
  }
  return error.covers(other.error) && uid.covers(other.uid) && port.covers(other.port) &&
         bongsu::covers(comms, other.comms) && bongsu::covers(paths, other.paths);
}

bool Need::is_like(const Need& other) const {
  return traits == other.traits && error == other.error && uid == other.uid && port == other.port &&
         comms == other.comms && paths.has_value() == other.paths.has_value();
}

unsigned Need::distance(const Need& other) const {
  constexpr unsigned kOtherSet = 4;
  constexpr unsigned kLostPath = 64;
  unsigned sum = 0;
  for (std::size_t i = 0; i < kTraits; ++i) {
    sum += i == kOpenFlag ? flags_cost(traits[i] ^ other.traits[i])
                          : static_cast<unsigned>(std::popcount(traits[i] ^ other.traits[i]));
  }
  sum += error == other.error ? 0 : kOtherSet;
  sum += uid == other.uid ? 0 : kOtherSet;
  sum += port == other.port ? 0 : kOtherSet;
  sum += comms == other.comms ? 0 : kOtherSet;
  return sum + (paths.has_value() == other.paths.has_value() ? 0 : kLostPath);
}

void Need::intersect(const Need& other) {
  for (std::size_t i = 0; i < kTraits; ++i) {
    traits[i] = i == kOpenFlag ? rarer_flags(traits[i], other.traits[i]) : traits[i] & other.traits[i];
  }
  error.intersect(other.error);
  uid.intersect(other.uid);
  port.intersect(other.port);
  if (comms && other.comms) {
    std::erase_if(*comms, [&](const std::string& comm) { return !other.comms->contains(comm); });
  } else if (other.comms) {
    comms = other.comms;
  }
  // A path has one of these components and one of those: again one of the two is kept.
  if (other.paths && (!paths || other.paths->cost() < paths->cost())) {
    paths = other.paths;
  }
}

void Need::unite(const Need& other) {
  for (std::size_t i = 0; i < kTraits; ++i) {
    traits[i] |= other.traits[i];
  }
  error.unite(other.error);
  uid.unite(other.uid);
  port.unite(other.port);
  if (comms && other.comms) {
    comms->insert(other.comms->begin(), other.comms->end());
  } else {
    comms.reset();
  }
  if (paths && other.paths) {
    paths->unite(*other.paths);
  } else {
    paths.reset();
  }
}

void simplify(Needs& needs, std::size_t most) {
  Needs kept;
  for (Need& need : needs) {
    if (!need.is_possible() || std::ranges::any_of(kept, [&](const Need& other) { return other.covers(need); })) {
      continue;
    }
    std::erase_if(kept, [&](const Need& other) { return need.covers(other); });
    const auto alike = std::ranges::find_if(kept, [&](const Need& other) { return other.is_like(need); });
    if (alike == kept.end()) {
      kept.push_back(std::move(need));
    } else {
      alike->unite(need);
    }
  }
  while (kept.size() > most) {
    std::size_t first = 0;
    std::size_t second = 1;
    unsigned least = kept[0].distance(kept[1]);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      for (std::size_t j = i + 1; j < kept.size(); ++j) {
        if (const unsigned distance = kept[i].distance(kept[j]); distance < least) {
          least = distance;
          first = i;
          second = j;
        }
      }
    }
    kept[first].unite(kept[second]);
    kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(second));
  }
  needs = std::move(kept);
}

}  // namespace bongsu
