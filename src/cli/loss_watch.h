// SPDX-License-Identifier: Apache-2.0
//
// Compares the counters of what was lost with those of the last look, so that each loss is told once, with its number.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace bongsu {

class LossWatch {
 public:
  // A new loss: of which event (or of alerts, by sink), why, and how many since it was last told.
  using Tell = std::function<void(std::string_view what, std::string_view reason, std::uint64_t count)>;

  // `interval_ns`: the first loss of a kind is told at once; while it goes on, at most once in this time.
  explicit LossWatch(std::int64_t interval_ns) : interval_ns_(interval_ns) {}

  // `total` only grows, or begins anew.
  void look(std::string_view what, std::string_view reason, std::uint64_t total, std::int64_t now_ns, const Tell& tell);
  // Tells what was held back.
  void flush(const Tell& tell);

  [[nodiscard]] std::uint64_t total() const;

 private:
  struct Known {
    std::uint64_t total = 0;
    std::uint64_t told = 0;
    std::int64_t told_ns = INT64_MIN;
  };
  std::int64_t interval_ns_;
  std::map<std::pair<std::string, std::string>, Known> known_;  // as many as there are events and reasons
};

}  // namespace bongsu
