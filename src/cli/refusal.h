// SPDX-License-Identifier: Apache-2.0
//
// What could not be read anew: rules, configuration. It may have been for want of a descriptor, a thread, memory, or of
// a file that is there again a moment later, so it is tried again now and then; the same failure is told once.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace bongsu {

class Refusal {
 public:
  static constexpr std::int64_t kAgainNs = 10'000'000'000;

  // Whether that is news.
  [[nodiscard]] bool is_news(std::string why, std::int64_t now_ns) {
    const bool news = why != why_;
    why_ = std::move(why);
    again_ns_ = now_ns + kAgainNs;
    return news;
  }
  void over() { *this = {}; }
  [[nodiscard]] bool due(std::int64_t now_ns) const { return !why_.empty() && now_ns >= again_ns_; }

 private:
  std::string why_;  // empty: nothing is refused
  std::int64_t again_ns_ = 0;
};

}  // namespace bongsu
