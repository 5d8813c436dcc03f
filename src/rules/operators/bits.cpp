// SPDX-License-Identifier: Apache-2.0
//
// all_bits, any_bits: a number read as a set of flags.
#include "rules/operator.h"

namespace bongsu {
namespace {

class Bits final : public Predicate {
 public:
  Bits(std::uint64_t mask, bool all) : mask_(mask), all_(all) {}
  [[nodiscard]] bool test(const Value& value) const noexcept override {
    const std::uint64_t set = static_cast<std::uint64_t>(value.integer()) & mask_;
    return all_ ? set == mask_ : set != 0;
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept override { return sizeof(*this); }

 private:
  std::uint64_t mask_;
  bool all_;
};

template <bool kAll>
Result<std::shared_ptr<const Predicate>> build(const Operand& operand) {
  const std::int64_t mask = std::get<std::int64_t>(operand.values.front());
  if (mask <= 0) {
    return fail("a mask has at least one bit set and is not negative");
  }
  return std::make_shared<Bits>(static_cast<std::uint64_t>(mask), kAll);
}

}  // namespace

std::span<const Operator> operators_bits() {
  static constexpr Operator kTable[] = {
      {"all_bits", type_bit(FieldType::integer), Arity::one, false, false, build<true>},
      {"any_bits", type_bit(FieldType::integer), Arity::one, false, false, build<false>},
  };
  return kTable;
}

}  // namespace bongsu
