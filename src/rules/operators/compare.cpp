// SPDX-License-Identifier: Apache-2.0
//
// gt, gte, lt, lte: numbers and points in time.
#include <functional>

#include "rules/operator.h"

namespace bongsu {
namespace {

template <typename Compare>
class Comparison final : public Predicate {
 public:
  explicit Comparison(std::int64_t bound) : bound_(bound) {}
  [[nodiscard]] bool test(const Value& value) const noexcept override { return Compare{}(value.integer(), bound_); }
  [[nodiscard]] std::size_t memory_bytes() const noexcept override { return sizeof(*this); }

 private:
  std::int64_t bound_;
};

template <typename Compare>
Result<std::shared_ptr<const Predicate>> build(const Operand& operand) {
  return std::make_shared<Comparison<Compare>>(std::get<std::int64_t>(operand.values.front()));
}

}  // namespace

std::span<const Operator> operators_compare() {
  static constexpr Operator kTable[] = {
      {"gt", kOrderedTypes, Arity::one, false, false, build<std::greater<>>},
      {"gte", kOrderedTypes, Arity::one, false, false, build<std::greater_equal<>>},
      {"lt", kOrderedTypes, Arity::one, false, false, build<std::less<>>},
      {"lte", kOrderedTypes, Arity::one, false, false, build<std::less_equal<>>},
  };
  return kTable;
}

}  // namespace bongsu
