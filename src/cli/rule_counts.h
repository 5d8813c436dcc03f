// SPDX-License-Identifier: Apache-2.0
//
// What is counted for each rule. Counters never go down: those of a rule go on when other rules are loaded, as long as
// there is one of its id.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/rule.h"

namespace bongsu {

class RuleCounts {
 public:
  struct Of {
    std::uint64_t matches = 0;
    std::uint64_t held = 0;  // of these: alerts held back
  };

  // Borrows the rules until use().
  explicit RuleCounts(std::span<const Rule> rules) : rules_(rules), counts_(rules.size()) {}

  // Goes on with other rules; those before must still be there.
  void use(std::span<const Rule> rules) {
    std::map<std::string_view, Of> known;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      known.emplace(rules_[i].id, counts_[i]);
    }
    std::vector<Of> counts(rules.size());
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (const auto found = known.find(rules[i].id); found != known.end()) {
        counts[i] = found->second;
      }
    }
    rules_ = rules;
    counts_ = std::move(counts);
  }

  // Of one of the rules themselves, not of a copy.
  [[nodiscard]] Of& of(const Rule& rule) { return counts_[static_cast<std::size_t>(&rule - rules_.data())]; }
  [[nodiscard]] const Of& of(const Rule& rule) const {
    return counts_[static_cast<std::size_t>(&rule - rules_.data())];
  }
  [[nodiscard]] const std::vector<Of>& all() const { return counts_; }  // in the order of the rules

 private:
  std::span<const Rule> rules_;
  std::vector<Of> counts_;
};

}  // namespace bongsu
