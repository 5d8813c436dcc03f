// SPDX-License-Identifier: Apache-2.0
//
// Lines out of pieces that end anywhere. A line that is longer than allowed is an error: what it said is lost.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bongsu {

class LineBuffer {
 public:
  explicit LineBuffer(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  // Calls take(line) for each line that is complete, without its end; empty ones are left out. False: a line is too
  // long, or take() returned false.
  template <typename Take>
  [[nodiscard]] bool add(std::string_view piece, Take take) {
    while (true) {
      const std::size_t end = piece.find('\n');
      const std::string_view part = piece.substr(0, end);
      if (rest_.size() + part.size() > most_bytes_) {
        too_long_ = true;
        return false;
      }
      if (end == std::string_view::npos) {
        rest_ += part;
        return true;
      }
      piece.remove_prefix(end + 1);
      if (rest_.empty()) {
        if (!part.empty() && !take(part)) {
          return false;
        }
        continue;
      }
      rest_ += part;
      const bool goes_on = take(std::string_view(rest_));
      rest_.clear();
      if (rest_.capacity() > kKeptBytes) {
        rest_.shrink_to_fit();
      }
      if (!goes_on) {
        return false;
      }
    }
  }
  [[nodiscard]] bool too_long() const { return too_long_; }
  [[nodiscard]] bool within_line() const { return !rest_.empty(); }

 private:
  static constexpr std::size_t kKeptBytes = std::size_t{64} << 10;

  const std::size_t most_bytes_;
  std::string rest_;  // of a line whose end has not come
  bool too_long_ = false;
};

}  // namespace bongsu
