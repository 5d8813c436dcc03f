// SPDX-License-Identifier: Apache-2.0
//
// What an operator of the match language is. Each file in operators/ defines one family as a table:
//
//   std::span<const Operator> operators_bits() { static constexpr Operator kTable[] = {...}; return kTable; }
//
// and is found by its name: the build lists operators/*.cpp and the registry calls operators_<file name>(). So adding
// an operator is adding a file, and a linker that drops what nobody names cannot lose it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "events/catalogue.h"
#include "events/value.h"
#include "rules/literal.h"

namespace bongsu {

// An operator with its operands: asked about one value at a time (an item, where the field has several).
class Predicate {
 public:
  Predicate() = default;
  Predicate(const Predicate&) = delete;
  Predicate& operator=(const Predicate&) = delete;
  virtual ~Predicate() = default;

  // The value has the kind of the field's type, or of its items.
  [[nodiscard]] virtual bool test(const Value& value) const noexcept = 0;
  // The verdict on a field that has no value.
  [[nodiscard]] virtual bool without_value() const noexcept { return false; }
  // What it holds, roughly and at most.
  [[nodiscard]] virtual std::size_t memory_bytes() const noexcept = 0;
};

struct Operand {
  std::vector<Literal> values;  // at least one; of a flag: 0 or 1
  bool ignore_case = false;
};

using BuildPredicate = Result<std::shared_ptr<const Predicate>> (*)(const Operand& operand);

// What stands behind an operator.
enum class Arity : std::uint8_t {
  flag,         // true or false, whatever the field's type
  one,          // one value of the field's type
  one_or_many,  // one, or an array or list of them: any of them does
  many          // an array or list
};

// Field types as a set of bits.
using TypeSet = std::uint8_t;
[[nodiscard]] constexpr TypeSet type_bit(FieldType type) {
  return static_cast<TypeSet>(1U << static_cast<unsigned>(type));
}
inline constexpr TypeSet kTextTypes = type_bit(FieldType::string) | type_bit(FieldType::string_list);
inline constexpr TypeSet kOrderedTypes = type_bit(FieldType::integer) | type_bit(FieldType::date);
// Whose values can be told apart, one by one; a map has its values by key, in fields of their own.
inline constexpr TypeSet kValueTypes = kTextTypes | kOrderedTypes | type_bit(FieldType::boolean);
inline constexpr TypeSet kAllTypes = kValueTypes | type_bit(FieldType::string_map);

struct Operator {
  std::string_view name;
  TypeSet types;
  Arity arity;
  bool takes_ignore_case;  // on strings
  bool negates;            // ne, not_in: true of a field without value, which can surprise
  BuildPredicate build;
};

[[nodiscard]] std::span<const Operator> operators();  // by name
[[nodiscard]] const Operator* find_operator(std::string_view name);
// "prefix" for "startswith", and the nearest by spelling; empty when nothing is near.
[[nodiscard]] std::string_view suggest_operator(std::string_view name);

}  // namespace bongsu
