// SPDX-License-Identifier: Apache-2.0
#include "rules/explain_text.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/strings.h"
#include "rules/explain.h"

namespace bongsu {
namespace {

constexpr std::size_t kShownItems = 8;    // of a list
constexpr std::size_t kShownBytes = 160;  // of a text

using UnitSize = std::pair<std::int64_t, std::string_view>;

std::string in_units(std::int64_t value, std::span<const UnitSize> units) {
  for (const auto& [size, name] : units) {
    if (value != 0 && value % size == 0) {
      return std::to_string(value / size) + std::string(name);
    }
  }
  return std::to_string(value);
}

std::string size_words(std::int64_t bytes) {
  static constexpr std::array<UnitSize, 4> kUnits{
      {{std::int64_t{1} << 30, "GiB"}, {std::int64_t{1} << 20, "MiB"}, {std::int64_t{1} << 10, "KiB"}, {1, "B"}}};
  return in_units(bytes, kUnits);
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  append_printable(result, text.substr(0, kShownBytes));
  return result + (text.size() > kShownBytes ? "...\"" : "\"");
}

std::string number_words(std::int64_t number, const FieldInfo& field) {
  switch (field.type) {
    case FieldType::boolean:
      return number != 0 ? "true" : "false";
    case FieldType::date: {
      std::string text;
      append_timestamp(text, number);
      return text;
    }
    default:
      return field.unit == Unit::nanoseconds ? duration_words(number)
             : field.unit == Unit::bytes     ? size_words(number)
                                             : std::to_string(number);
  }
}

std::string literal_words(const Literal& literal, const FieldInfo& field) {
  if (const auto* text = std::get_if<std::string>(&literal)) {
    return quoted(*text);
  }
  return number_words(std::get<std::int64_t>(literal), field);
}

struct OperatorWords {
  std::string_view op;
  std::string_view one;
  std::string_view many;
};
constexpr std::array<OperatorWords, 16> kWords{{{"eq", "is ", "is one of "},
                                                {"in", "is ", "is one of "},
                                                {"ne", "is not ", "is none of "},
                                                {"not_in", "is not ", "is none of "},
                                                {"prefix", "begins with ", "begins with one of "},
                                                {"suffix", "ends with ", "ends with one of "},
                                                {"contains", "contains ", "contains one of "},
                                                {"glob", "fits the glob ", "fits one of the globs "},
                                                {"regex", "fits the regex ", "fits one of the regexes "},
                                                {"cidr", "lies in ", "lies in one of "},
                                                {"gt", "is more than ", ""},
                                                {"gte", "is at least ", ""},
                                                {"lt", "is less than ", ""},
                                                {"lte", "is at most ", ""},
                                                {"all_bits", "has all bits of ", ""},
                                                {"any_bits", "has a bit of ", ""}}};

std::string test_words(const ir::Test& test, const FieldInfo& field) {
  const std::vector<Literal>& values = test.operand.values;
  if (test.op->arity == Arity::flag) {
    const bool asked = std::get<std::int64_t>(values.front()) != 0;
    return test.op->name == "exists" ? (asked ? "has a value" : "has no value")
                                     : std::string(test.op->name) + (asked ? " true" : " false");
  }
  const auto* words = std::ranges::find(kWords, test.op->name, &OperatorWords::op);
  std::string text(words == kWords.end()                       ? std::string(test.op->name) + " "
                   : values.size() == 1 || words->many.empty() ? words->one
                                                               : words->many);
  for (std::size_t i = 0; i < std::min(values.size(), kShownItems); ++i) {
    text += (i == 0 ? "" : ", ") + literal_words(values[i], field);
  }
  if (values.size() > kShownItems) {
    text += " and " + std::to_string(values.size() - kShownItems) + " more";
  }
  return text + (test.operand.ignore_case ? " (case ignored)" : "");
}

}  // namespace

std::string duration_words(std::int64_t duration_ns) {
  static constexpr std::array<UnitSize, 7> kUnits{{{86'400'000'000'000, "d"},
                                                   {3'600'000'000'000, "h"},
                                                   {60'000'000'000, "m"},
                                                   {1'000'000'000, "s"},
                                                   {1'000'000, "ms"},
                                                   {1'000, "us"},
                                                   {1, "ns"}}};
  return in_units(duration_ns, kUnits);
}

std::string condition_words(const ir::FieldTest& test) {
  const FieldInfo& field = info(test.field);
  std::string text = test.quantifier == ir::Quantifier::every ? "every value " : "";
  for (std::size_t i = 0; i < test.tests.size(); ++i) {
    text += (i == 0 ? "" : " and ") + test_words(test.tests[i], field);
  }
  return text;
}

std::string to_words(const ir::FieldTest& test) {
  const FieldInfo& field = info(test.field);
  const bool any_item = field.type == FieldType::string_list && test.quantifier == ir::Quantifier::any;
  return std::string(field.name) + (any_item ? ": a value " : " ") + condition_words(test);
}

std::string value_words(FieldId field, const EventView& event) {
  const Value value = event.value(field);
  switch (value.kind()) {
    case Value::Kind::none:
      return "no value";
    case Value::Kind::string:
      return quoted(value.string());
    case Value::Kind::string_list: {
      std::string text;
      std::size_t count = 0;
      value.list().any([&](std::string_view item) {
        if (count++ < kShownItems) {
          text += (text.empty() ? "" : ", ") + quoted(item);
        }
        return false;
      });
      return "[" + text + (count > kShownItems ? ", " + std::to_string(count - kShownItems) + " more]" : "]");
    }
    case Value::Kind::string_map: {
      std::string text;
      std::size_t count = 0;
      (void)value.any_entry([&](std::string_view key, std::string_view entry) {
        if (count++ < kShownItems) {
          text += (text.empty() ? "" : ", ") + quoted(key) + ": " + quoted(entry);
        }
        return false;
      });
      return "{" + text + (count > kShownItems ? ", " + std::to_string(count - kShownItems) + " more}" : "}");
    }
    default:
      return number_words(value.integer(), info(field));
  }
}

std::string field_and_value(FieldId field, const EventView& event) {
  const bool has_value = event.value(field).has_value();
  return std::string(info(field).name) + (has_value ? " is " + value_words(field, event) : " has no value");
}

}  // namespace bongsu
