// SPDX-License-Identifier: Apache-2.0
#include "sinks/failure_log.h"

#include "base/log.h"

namespace bongsu {

void FailureLog::to_log(const std::string& line) { log::warn("{}", line); }

void FailureLog::failed(std::string_view reason) {
  auto found = seen_.find(reason);
  if (found == seen_.end() && seen_.size() >= kMaxReasons) {
    reason = "other failures";
    found = seen_.find(reason);
  }
  const std::int64_t now = clock_.boot_ns();
  if (found != seen_.end() && now - found->second.written_ns < kAgainAfterNs) {
    ++found->second.since;
    return;
  }
  if (found == seen_.end()) {
    found = seen_.emplace(reason, Seen()).first;
  }
  std::string line = subject_ + ": ";
  line += reason;
  if (found->second.since != 0) {
    line += " (and " + std::to_string(found->second.since) + " times before that)";
  }
  found->second = {now, 0};
  failing_ = true;
  write_(line);
}

void FailureLog::worked() {
  if (failing_) {
    failing_ = false;
    write_(subject_ + ": delivering again");
  }
}

}  // namespace bongsu
