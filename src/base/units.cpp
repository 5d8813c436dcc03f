// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "base/strings.h"

namespace bongsu {
namespace {

struct UnitName {
  std::string_view name;
  std::int64_t factor;
};

constexpr UnitName kDurations[] = {
    {"ns", 1},
    {"us", 1'000},
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
    {"d", 86'400'000'000'000},
};

constexpr UnitName kSizes[] = {
    {"B", 1},
    {"kB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
    {"TB", 1'000'000'000'000},
    {"KiB", std::int64_t{1} << 10},
    {"MiB", std::int64_t{1} << 20},
    {"GiB", std::int64_t{1} << 30},
    {"TiB", std::int64_t{1} << 40},
};

// Digits and a unit, nothing else: no sign, no space, no fraction.
bool parse(std::string_view text, std::span<const UnitName> units, std::int64_t& out) {
  if (text.empty() || text[0] < '0' || text[0] > '9') {
    return false;
  }
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) {
    return false;
  }
  const std::string_view name = text.substr(static_cast<std::size_t>(rest - text.data()));
  for (const UnitName& unit : units) {
    if (unit.name == name) {
      return !__builtin_mul_overflow(number, unit.factor, &out);
    }
  }
  return false;
}

}  // namespace

bool parse_duration_ns(std::string_view text, std::int64_t& out) { return parse(text, kDurations, out); }
bool parse_size_bytes(std::string_view text, std::int64_t& out) { return parse(text, kSizes, out); }

}  // namespace bongsu
