// SPDX-License-Identifier: Apache-2.0
#include "config/units.h"

#include <span>
#include <string_view>

namespace bongsu {
namespace {

struct UnitStep {
  std::int64_t factor;  // of the unit before it
  std::string_view name;
};

constexpr UnitStep kDurations[] = {{1, "ns"}, {1000, "us"}, {1000, "ms"}, {1000, "s"}, {60, "m"}, {60, "h"}, {24, "d"}};
constexpr UnitStep kSizes[] = {{1, "B"}, {1024, "KiB"}, {1024, "MiB"}, {1024, "GiB"}, {1024, "TiB"}};

std::string format(std::int64_t value, std::span<const UnitStep> units) {
  std::string_view name;
  for (const UnitStep& unit : units) {
    if (value % unit.factor != 0 || (value == 0 && !name.empty())) {
      break;
    }
    value /= unit.factor;
    name = unit.name;
  }
  return std::to_string(value) + std::string(name);
}

}  // namespace

std::string format_duration_ns(std::int64_t nanoseconds) { return format(nanoseconds, kDurations); }
std::string format_size_bytes(std::int64_t bytes) { return format(bytes, kSizes); }

}  // namespace bongsu
