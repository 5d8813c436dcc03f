// SPDX-License-Identifier: Apache-2.0
//
// regex: RE2, searched for anywhere in the string (anchor with ^ and $).
//
// Text is taken as bytes (Latin-1 to RE2) and `.` matches every byte, newline included: else a stray byte that is not
// UTF-8, or a newline in an argument, would slip past a pattern.
#include <re2/re2.h>

#include <algorithm>

#include "rules/limits.h"
#include "rules/operator.h"
#include "rules/search_set.h"

namespace bongsu {
namespace {

class Regexes final : public Predicate {
 public:
  explicit Regexes(std::vector<std::unique_ptr<const RE2>> regexes) : regexes_(std::move(regexes)) {}
  [[nodiscard]] bool test(const Value& value) const noexcept override {
    const std::string_view text = value.string();
    return std::ranges::any_of(regexes_, [text](const auto& regex) {
      return regex->Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, nullptr, 0);
    });
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept override {
    return sizeof(*this) + regexes_.size() * kMaxRegexBytes;
  }

 private:
  std::vector<std::unique_ptr<const RE2>> regexes_;
};

Result<std::shared_ptr<const Predicate>> build(const Operand& operand) {
  const RE2::Options options = regex_options(operand.ignore_case, kMaxRegexBytes);
  std::vector<std::unique_ptr<const RE2>> regexes;
  for (const Literal& value : operand.values) {
    const auto& pattern = std::get<std::string>(value);
    if (pattern.empty()) {
      return fail("an empty regex matches every string", "to ask for any value write {\"exists\": true}");
    }
    auto regex = std::make_unique<const RE2>(pattern, options);
    if (regex->error_code() == RE2::ErrorPatternTooLarge || regex->ProgramSize() > kMaxRegexProgram) {
      return fail("the regex is too large: more than " + std::to_string(kMaxRegexProgram) + " steps",
                  "use smaller counts, or several regexes");
    }
    if (!regex->ok()) {
      return fail("bad regex: " + regex->error(), "the syntax is RE2's: github.com/google/re2/wiki/Syntax");
    }
    regexes.push_back(std::move(regex));
  }
  return std::make_shared<Regexes>(std::move(regexes));
}

}  // namespace

std::span<const Operator> operators_regex() {
  static constexpr Operator kTable[] = {{"regex", kTextTypes, Arity::one_or_many, true, false, build}};
  return kTable;
}

}  // namespace bongsu
