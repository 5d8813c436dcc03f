// SPDX-License-Identifier: Apache-2.0
//
// eq, ne, in, not_in: the value is one of a set, or none of it.
#include "rules/number_map.h"
#include "rules/operator.h"
#include "rules/text_case.h"
#include "rules/text_map.h"

namespace bongsu {
namespace {

class TextSet final : public Predicate {
 public:
  TextSet(std::span<const std::string> items, bool fold, bool negate) : items_(items, fold), negate_(negate) {}

  [[nodiscard]] bool test(const Value& value) const noexcept override {
    return items_.contains(value.string()) != negate_;
  }
  [[nodiscard]] bool without_value() const noexcept override { return negate_; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept override { return sizeof(*this) + items_.memory_bytes(); }

 private:
  TextMap items_;
  bool negate_;
};

// Integers, dates, and booleans as 0 and 1.
class NumberSet final : public Predicate {
 public:
  NumberSet(std::span<const std::int64_t> items, bool negate) : items_(items), negate_(negate) {}

  [[nodiscard]] bool test(const Value& value) const noexcept override {
    const std::int64_t number =
        value.kind() == Value::Kind::boolean ? std::int64_t{value.boolean() ? 1 : 0} : value.integer();
    return items_.contains(number) != negate_;
  }
  [[nodiscard]] bool without_value() const noexcept override { return negate_; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept override { return sizeof(*this) + items_.memory_bytes(); }

 private:
  NumberMap items_;
  bool negate_;
};

template <bool kNegate>
Result<std::shared_ptr<const Predicate>> build(const Operand& operand) {
  if (std::holds_alternative<std::int64_t>(operand.values.front())) {
    std::vector<std::int64_t> items;
    items.reserve(operand.values.size());
    for (const Literal& value : operand.values) {
      items.push_back(std::get<std::int64_t>(value));
    }
    return std::make_shared<NumberSet>(items, kNegate);
  }
  std::vector<std::string> items;
  for (const Literal& value : operand.values) {
    const auto& text = std::get<std::string>(value);
    items.push_back(operand.ignore_case ? folded(text) : text);
  }
  return std::make_shared<TextSet>(items, operand.ignore_case, kNegate);
}

}  // namespace

std::span<const Operator> operators_equality() {
  static constexpr Operator kTable[] = {
      {"eq", kValueTypes, Arity::one, true, false, build<false>},
      {"in", kValueTypes, Arity::many, true, false, build<false>},
      {"ne", kValueTypes, Arity::one, true, true, build<true>},
      {"not_in", kValueTypes, Arity::many, true, true, build<true>},
  };
  return kTable;
}

}  // namespace bongsu
