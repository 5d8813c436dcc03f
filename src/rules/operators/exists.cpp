// SPDX-License-Identifier: Apache-2.0
//
// exists: whether the field has a value at all.
#include "rules/operator.h"

namespace bongsu {
namespace {

class Exists final : public Predicate {
 public:
  explicit Exists(bool wanted) : wanted_(wanted) {}
  [[nodiscard]] bool test(const Value& /*value*/) const noexcept override { return wanted_; }
  [[nodiscard]] bool without_value() const noexcept override { return !wanted_; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept override { return sizeof(*this); }

 private:
  bool wanted_;
};

Result<std::shared_ptr<const Predicate>> build(const Operand& operand) {
  return std::make_shared<Exists>(std::get<std::int64_t>(operand.values.front()) != 0);
}

}  // namespace

std::span<const Operator> operators_exists() {
  static constexpr Operator kTable[] = {{"exists", kAllTypes, Arity::flag, false, false, build}};
  return kTable;
}

}  // namespace bongsu
