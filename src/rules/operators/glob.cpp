// SPDX-License-Identifier: Apache-2.0
//
// glob: path-aware patterns (see rules/glob.h).
#include "rules/glob.h"

#include <algorithm>

#include "rules/operator.h"

namespace bongsu {
namespace {

class Globs final : public Predicate {
 public:
  explicit Globs(std::vector<Glob> globs) : globs_(std::move(globs)) {}
  [[nodiscard]] bool test(const Value& value) const noexcept override {
    return std::ranges::any_of(globs_, [&](const Glob& glob) { return glob.matches(value.string()); });
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept override {
    std::size_t bytes = sizeof(*this);
    for (const Glob& glob : globs_) {
      bytes += glob.memory_bytes();
    }
    return bytes;
  }

 private:
  std::vector<Glob> globs_;
};

Result<std::shared_ptr<const Predicate>> build(const Operand& operand) {
  std::vector<Glob> globs;
  for (const Literal& value : operand.values) {
    Result<Glob> glob = Glob::compile(std::get<std::string>(value), operand.ignore_case);
    if (!glob) {
      return tl::make_unexpected(std::move(glob.error()));
    }
    globs.push_back(std::move(*glob));
  }
  return std::make_shared<Globs>(std::move(globs));
}

}  // namespace

std::span<const Operator> operators_glob() {
  static constexpr Operator kTable[] = {{"glob", kTextTypes, Arity::one_or_many, true, false, build}};
  return kTable;
}

}  // namespace bongsu
