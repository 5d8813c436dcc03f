// SPDX-License-Identifier: Apache-2.0
//
// What has to be so of an event before a condition can be true, in terms of what the kernel side knows of it: a Need.
// It may ask for less than the condition, never for more. Several needs are alternatives.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "events/gates.h"
#include "rules/path_keys.h"

namespace bongsu {

// Traits with few values, each of them a bit. Their numbers are the indexes of struct bongsu_gate; of open_flag,
// kNoOpenFlag stands for no_open_flag.
enum class Trait : std::uint8_t { place, outcome, abi, open_flag, file_kind, outside, climbs, family, address };
inline constexpr std::size_t kTraits = 9;
inline constexpr std::array<unsigned, kTraits> kTraitValues{
    2, 2, 8, 17, 16, 2, 2, BONGSU_FAMILY_COUNT, BONGSU_ADDRESS_COUNT};
inline constexpr unsigned kNoOpenFlag = 16;

using TraitSet = std::uint32_t;
[[nodiscard]] constexpr TraitSet every_value(Trait trait) {
  return (TraitSet{1} << kTraitValues[static_cast<std::size_t>(trait)]) - 1;
}

// Numbers: those that are listed, or all others.
class NumberRange {
 public:
  NumberRange() = default;  // every number
  NumberRange(bool others, std::set<std::uint64_t> listed) : others_(others), listed_(std::move(listed)) {}

  [[nodiscard]] bool contains(std::uint64_t number) const { return listed_.contains(number) != others_; }
  [[nodiscard]] bool others() const { return others_; }
  [[nodiscard]] const std::set<std::uint64_t>& listed() const { return listed_; }
  [[nodiscard]] bool is_all() const { return others_ && listed_.empty(); }
  [[nodiscard]] bool is_empty() const { return !others_ && listed_.empty(); }
  [[nodiscard]] bool covers(const NumberRange& other) const;
  void intersect(const NumberRange& other);
  void unite(const NumberRange& other);
  friend bool operator==(const NumberRange&, const NumberRange&) = default;

 private:
  template <typename Join>
  [[nodiscard]] NumberRange joined(const NumberRange& other, Join&& join) const;

  bool others_ = true;
  std::set<std::uint64_t> listed_;  // the only ones, or where `others_` the only ones that are not
};

struct Need {
  Need();  // nothing: every event

  // One of these values; of open_flag: one of the flags that are set.
  std::array<TraitSet, kTraits> traits{};
  NumberRange error;  // of a call that failed
  NumberRange uid;
  NumberRange port;                            // where there is one
  std::optional<std::set<std::string>> comms;  // in lower case; none: any
  std::optional<PathKeys> paths;               // none: any

  [[nodiscard]] TraitSet& of(Trait trait) { return traits[static_cast<std::size_t>(trait)]; }
  [[nodiscard]] TraitSet of(Trait trait) const { return traits[static_cast<std::size_t>(trait)]; }
  [[nodiscard]] bool is_possible() const;
  [[nodiscard]] bool is_everything() const;
  // Whether every event that meets `other` meets this.
  [[nodiscard]] bool covers(const Need& other) const;
  // Alike but for the keys of their paths.
  [[nodiscard]] bool is_like(const Need& other) const;
  // How much more events pass when the two become one, guessed.
  [[nodiscard]] unsigned distance(const Need& other) const;
  // To a need of what both ask, or nearly: never of more.
  void intersect(const Need& other);
  // To a need that each event meets that meets one of them.
  void unite(const Need& other);
};

using Needs = std::vector<Need>;  // none: no event

// Leaves out what another covers, joins what is alike, and brings them to at most so many.
void simplify(Needs& needs, std::size_t most);

}  // namespace bongsu
