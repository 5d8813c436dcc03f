// SPDX-License-Identifier: Apache-2.0
//
// prefix, suffix, contains: parts of a string. With several operands any of them does.
#include <algorithm>

#include "rules/operator.h"
#include "rules/text_case.h"
#include "rules/text_trie.h"

namespace bongsu {
namespace {

// prefix and suffix: by trie, as lists of them may be long.
template <TextTrie::End kEnd>
class TextEnd final : public Predicate {
 public:
  TextEnd(std::span<const std::string> patterns, bool fold) : patterns_(patterns, kEnd, fold) {}

  [[nodiscard]] bool test(const Value& value) const noexcept override {
    return patterns_.any(value.string(), [](std::uint32_t) { return true; });
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept override { return sizeof(*this) + patterns_.memory_bytes(); }

 private:
  TextTrie patterns_;
};

class TextPart final : public Predicate {
 public:
  TextPart(std::span<const std::string> patterns, bool fold)
      : patterns_(patterns.begin(), patterns.end()), fold_(fold) {}

  [[nodiscard]] bool test(const Value& value) const noexcept override {
    return std::ranges::any_of(patterns_, [&](const std::string& pattern) { return holds(value.string(), pattern); });
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept override {
    std::size_t bytes = sizeof(*this);
    for (const std::string& pattern : patterns_) {
      bytes += sizeof(std::string) + pattern.capacity();
    }
    return bytes;
  }

 private:
  [[nodiscard]] bool holds(std::string_view text, std::string_view pattern) const noexcept {
    if (!fold_) {
      return text.find(pattern) != std::string_view::npos;
    }
    return std::search(text.begin(), text.end(), pattern.begin(), pattern.end(),
                       [](char a, char b) { return fold_case(a) == b; }) != text.end();
  }

  std::vector<std::string> patterns_;
  bool fold_;
};

template <typename Parts>
Result<std::shared_ptr<const Predicate>> build(const Operand& operand) {
  std::vector<std::string> patterns;
  for (const Literal& value : operand.values) {
    const auto& text = std::get<std::string>(value);
    if (text.empty()) {
      return fail("empty text is part of every string", "to ask for any value write {\"exists\": true}");
    }
    patterns.push_back(operand.ignore_case ? folded(text) : text);
  }
  return std::make_shared<Parts>(patterns, operand.ignore_case);
}

}  // namespace

std::span<const Operator> operators_text() {
  static constexpr Operator kTable[] = {
      {"contains", kTextTypes, Arity::one_or_many, true, false, build<TextPart>},
      {"prefix", kTextTypes, Arity::one_or_many, true, false, build<TextEnd<TextTrie::End::front>>},
      {"suffix", kTextTypes, Arity::one_or_many, true, false, build<TextEnd<TextTrie::End::back>>},
  };
  return kTable;
}

}  // namespace bongsu
