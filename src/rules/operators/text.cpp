// SPDX-License-Identifier: Apache-2.0
//
// prefix, suffix, contains: parts of a string. With several operands any of them does.
#include <algorithm>

#include "rules/operator.h"
#include "rules/text_case.h"

namespace bongsu {
namespace {

bool contains_text(std::string_view text, std::string_view pattern, bool fold) {
  if (!fold) {
    return text.find(pattern) != std::string_view::npos;
  }
  return std::search(text.begin(), text.end(), pattern.begin(), pattern.end(),
                     [](char a, char b) { return fold_case(a) == b; }) != text.end();
}

using Compare = bool (*)(std::string_view text, std::string_view pattern, bool fold);

template <Compare kCompare>
class TextPart final : public Predicate {
 public:
  TextPart(std::vector<std::string> patterns, bool fold) : patterns_(std::move(patterns)), fold_(fold) {}

  [[nodiscard]] bool test(const Value& value) const noexcept override {
    return std::ranges::any_of(patterns_,
                               [&](const std::string& pattern) { return kCompare(value.string(), pattern, fold_); });
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept override {
    std::size_t bytes = sizeof(*this);
    for (const std::string& pattern : patterns_) {
      bytes += sizeof(std::string) + pattern.capacity();
    }
    return bytes;
  }

 private:
  std::vector<std::string> patterns_;
  bool fold_;
};

template <Compare kCompare>
Result<std::shared_ptr<const Predicate>> build(const Operand& operand) {
  std::vector<std::string> patterns;
  for (const Literal& value : operand.values) {
    const auto& text = std::get<std::string>(value);
    if (text.empty()) {
      return fail("empty text is part of every string", "to ask for any value write {\"exists\": true}");
    }
    patterns.push_back(operand.ignore_case ? folded(text) : text);
  }
  return std::make_shared<TextPart<kCompare>>(std::move(patterns), operand.ignore_case);
}

}  // namespace

std::span<const Operator> operators_text() {
  static constexpr Operator kTable[] = {
      {"contains", kTextTypes, Arity::one_or_many, true, false, build<contains_text>},
      {"prefix", kTextTypes, Arity::one_or_many, true, false, build<starts_with>},
      {"suffix", kTextTypes, Arity::one_or_many, true, false, build<ends_with>},
  };
  return kTable;
}

}  // namespace bongsu
