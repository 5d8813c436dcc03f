// SPDX-License-Identifier: Apache-2.0
#include "cli/loss_watch.h"

namespace bongsu {

void LossWatch::look(std::string_view what, std::string_view reason, std::uint64_t total, std::int64_t now_ns,
                     const Tell& tell) {
  if (total == 0) {
    return;
  }
  Known& known = known_[{std::string(what), std::string(reason)}];
  if (total < known.total) {  // a sink that was made anew counts from zero
    known.told = 0;
  }
  known.total = total;
  const bool due = known.told_ns == INT64_MIN || now_ns - known.told_ns >= interval_ns_;
  if (known.total > known.told && due) {
    const std::uint64_t count = known.total - known.told;
    known.told = known.total;
    known.told_ns = now_ns;
    tell(what, reason, count);
  }
}

void LossWatch::flush(const Tell& tell) {
  for (auto& [key, known] : known_) {
    if (known.total > known.told) {
      const std::uint64_t count = known.total - known.told;
      known.told = known.total;
      tell(key.first, key.second, count);
    }
  }
}

std::uint64_t LossWatch::total() const {
  std::uint64_t sum = 0;
  for (const auto& [key, known] : known_) {
    sum += known.total;
  }
  return sum;
}

}  // namespace bongsu
