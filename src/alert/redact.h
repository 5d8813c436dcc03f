// SPDX-License-Identifier: Apache-2.0
//
// Finds secrets in text, so that they are masked before an alert leaves the process: built-in patterns
// (redact_patterns.h) and those of the configuration. redacted_event.h applies it to an event.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bongsu {

inline constexpr std::string_view kRedacted = "[redacted]";
inline constexpr std::size_t kMaxRedactPatterns = 64;
inline constexpr std::size_t kMaxRedactPatternBytes = 1024;

class Redactor {
 public:
  struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;  // behind it
  };
  struct Count {
    std::string_view pattern;  // "custom-1", ... for those of the configuration
    std::uint64_t count = 0;
  };

  // The patterns of the configuration are RE2 expressions, of UTF-8. With a group the first one is masked, else all
  // that matches. The error names the pattern.
  [[nodiscard]] static Result<std::unique_ptr<Redactor>> make(std::span<const std::string> patterns = {});
  Redactor(const Redactor&) = delete;
  Redactor& operator=(const Redactor&) = delete;
  ~Redactor();

  // Where the secrets are: ascending, apart from each other, none empty; counted. Any thread. A NUL stands before each
  // argument of a list; the patterns of the configuration see spaces instead.
  [[nodiscard]] std::vector<Span> find(std::string_view text) const;

  // `text` with kRedacted instead of each span.
  [[nodiscard]] static std::string masked(std::string_view text, std::span<const Span> spans);

  // Secrets masked since the start, by pattern.
  [[nodiscard]] std::vector<Count> redacted() const;

 private:
  class Patterns;
  Redactor(std::unique_ptr<Patterns> own, std::unique_ptr<Patterns> custom);

  std::unique_ptr<Patterns> own_;
  std::unique_ptr<Patterns> custom_;  // null: there are none
};

}  // namespace bongsu
