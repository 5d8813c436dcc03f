// SPDX-License-Identifier: Apache-2.0
//
// Says in the log that delivering fails, without filling it: each reason at once, then at most once a minute with how
// often it came meanwhile, and when it works again. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace bongsu {

class FailureLog {
 public:
  static constexpr std::int64_t kAgainAfterNs = 60'000'000'000;
  static constexpr std::size_t kMaxReasons = 64;  // beyond them, all others count as one

  using Write = std::function<void(const std::string& line)>;
  static void to_log(const std::string& line);  // a warning

  // Borrows the clock. `subject` begins each line.
  FailureLog(std::string subject, const Clock& clock, Write write = to_log)
      : subject_(std::move(subject)), clock_(clock), write_(std::move(write)) {}

  void failed(std::string_view reason);
  void worked();  // says so when the last thing written was a failure

 private:
  struct Seen {
    std::int64_t written_ns = 0;
    std::uint64_t since = 0;  // kept back since then
  };

  std::string subject_;
  const Clock& clock_;
  Write write_;
  std::map<std::string, Seen, std::less<>> seen_;
  bool failing_ = false;
};

}  // namespace bongsu
