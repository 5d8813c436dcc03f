// SPDX-License-Identifier: Apache-2.0
#include "rules/literal.h"

#include <chrono>

#include "base/strings.h"

namespace bongsu {
namespace {

class DigitReader {
 public:
  explicit DigitReader(std::string_view text) : text_(text) {}

  // Exactly `digits` decimal digits.
  bool number(int digits, int& out) {
    out = 0;
    for (int i = 0; i < digits; ++i) {
      if (text_.empty() || text_.front() < '0' || text_.front() > '9') {
        return false;
      }
      out = out * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    return true;
  }
  bool one_of(std::string_view characters) {
    if (text_.empty() || characters.find(text_.front()) == std::string_view::npos) {
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }
  // A fraction of a second, up to nine digits.
  bool fraction_ns(std::int64_t& out) {
    std::int64_t scale = 100'000'000;
    int digit = 0;
    out = 0;
    if (!number(1, digit)) {
      return false;
    }
    do {
      out += digit * scale;
      scale /= 10;
    } while (scale > 0 && number(1, digit));
    return true;
  }
  [[nodiscard]] bool at_end() const { return text_.empty(); }

 private:
  std::string_view text_;
};

// Years that fit 64-bit nanoseconds.
constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;

Result<Literal> integer_literal(const JsonNode& node, const FieldInfo& field) {
  if (node.kind == JsonNode::Kind::integer) {
    return Literal{node.integer};
  }
  if (node.kind == JsonNode::Kind::string && field.unit != Unit::none) {
    std::int64_t value = 0;
    const bool is_time = field.unit == Unit::nanoseconds;
    if (is_time ? parse_duration_ns(node.string, value) : parse_size_bytes(node.string, value)) {
      return Literal{value};
    }
    return fail("\"" + node.string + "\" is no " + (is_time ? "time" : "size"),
                is_time ? "write \"200ms\", \"90s\", \"5m\" or \"1h\", or a number of nanoseconds"
                        : "write \"64KiB\", \"1MiB\" or \"1GiB\", or a number of bytes");
  }
  if (node.kind == JsonNode::Kind::number) {
    return fail(std::string(field.name) + " is a whole number of 64 bits");
  }
  std::string hint;
  if (node.kind == JsonNode::Kind::string) {
    hint = "write the number without quotes";
  }
  return fail(std::string(field.name) + " is a whole number, not " + std::string(node.kind_name()), std::move(hint));
}

}  // namespace

std::string_view article_name(FieldType type) {
  switch (type) {
    case FieldType::boolean:
      return "true or false";
    case FieldType::integer:
      return "a whole number";
    case FieldType::string:
      return "a string";
    case FieldType::string_list:
      return "a list of strings";
    case FieldType::date:
      return "a point in time";
    case FieldType::string_map:
      return "a map of strings";
  }
  return "";
}

bool parse_timestamp(std::string_view text, std::int64_t& unix_ns) {
  DigitReader in(text);
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t fraction_ns = 0;
  if (!in.number(4, year) || !in.one_of("-") || !in.number(2, month) || !in.one_of("-") || !in.number(2, day) ||
      !in.one_of("Tt") || !in.number(2, hour) || !in.one_of(":") || !in.number(2, minute) || !in.one_of(":") ||
      !in.number(2, second) || (in.one_of(".") && !in.fraction_ns(fraction_ns))) {
    return false;
  }
  int offset_minutes = 0;
  if (!in.one_of("Zz")) {
    const bool east = in.one_of("+");
    int hours = 0;
    int minutes = 0;
    if ((!east && !in.one_of("-")) || !in.number(2, hours) || !in.one_of(":") || !in.number(2, minutes) || hours > 23 ||
        minutes > 59) {
      return false;
    }
    offset_minutes = (hours * 60 + minutes) * (east ? 1 : -1);
  }
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!in.at_end() || !date.ok() || year < kFirstYear || year > kLastYear || hour > 23 || minute > 59 || second > 60) {
    return false;
  }
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  const std::int64_t seconds = ((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + second;
  unix_ns = seconds * 1'000'000'000 + fraction_ns;
  return true;
}

Result<Literal> to_literal(const JsonNode& node, const FieldInfo& field) {
  const std::string name(field.name);
  const std::string got(node.kind_name());
  switch (field.type) {
    case FieldType::boolean:
      if (node.kind != JsonNode::Kind::boolean) {
        return fail(name + " is true or false, not " + got);
      }
      return Literal{std::int64_t{node.boolean ? 1 : 0}};
    case FieldType::integer:
      return integer_literal(node, field);
    case FieldType::string:
    case FieldType::string_list:
      if (node.kind != JsonNode::Kind::string) {
        return fail(name + (field.type == FieldType::string ? " is a string, not " : " holds strings, not ") + got);
      }
      return Literal{node.string};
    case FieldType::date: {
      std::int64_t unix_ns = 0;
      if (node.kind != JsonNode::Kind::string || !parse_timestamp(node.string, unix_ns)) {
        return fail(name + " is a point in time", "write it as \"2026-11-21T07:34:20Z\"");
      }
      return Literal{unix_ns};
    }
    case FieldType::string_map:
      break;  // no operator compares a whole map
  }
  return fail("unknown field type");
}

}  // namespace bongsu
