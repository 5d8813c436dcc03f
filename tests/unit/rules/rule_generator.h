// SPDX-License-Identifier: Apache-2.0
//
// Random matches and events that have much to do with one another: both draw on a few words, their parts and their
// other cases; conditions are shared between rules.
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu::testing {

class RuleGenerator {
 public:
  explicit RuleGenerator(unsigned seed) : random_(seed) {}

  // A match for rules about this event, or about all of them when it is empty.
  nlohmann::json condition(const std::string& event, int depth);
  // A flat object of fields.
  nlohmann::json event(const std::string& event);

  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  static constexpr std::array<std::string_view, 3> kEvents{"exec", "open", "connect"};

 private:
  using Json = nlohmann::json;

  template <typename Items>
  const auto& one_of(const Items& items) {
    return items[static_cast<std::size_t>(pick(static_cast<int>(items.size())))];
  }
  std::string field_name(const std::string& event);
  std::string text();
  std::string part_of(const std::string& text);
  std::string operand();  // never empty
  std::string address();
  Json operands(bool array_only);
  Json field(const std::string& name);
  Json number_field();
  Json address_field();
  Json text_operators();

  std::mt19937 random_;
  std::vector<std::pair<std::string, Json>> known_;  // fields and what stood behind them, to be used again
};

}  // namespace bongsu::testing
