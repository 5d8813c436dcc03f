// SPDX-License-Identifier: Apache-2.0
//
// Which labels or annotations are kept: names as they are, or with a `*` at the end for whatever follows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bongsu {

class KeyFilter {
 public:
  KeyFilter() = default;  // keeps nothing
  explicit KeyFilter(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}

  [[nodiscard]] bool keeps(std::string_view key) const {
    for (const std::string& pattern : patterns_) {
      const bool open = pattern.ends_with('*');
      if (open ? key.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1)) : key == pattern) {
        return true;
      }
    }
    return false;
  }

 private:
  std::vector<std::string> patterns_;
};

// What is kept of a pod's metadata.
struct KeptKeys {
  KeyFilter labels;
  KeyFilter annotations;
};

}  // namespace bongsu
