// SPDX-License-Identifier: Apache-2.0
//
// What the tests of sinks share: alerts out of nothing, a clock that stands, and waiting for a condition.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "alert/alert.h"
#include "base/clock.h"
#include "base/random.h"
#include "sinks/sink.h"

namespace bongsu {

class HandClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t boot_ns() const override { return now; }
  [[nodiscard]] std::int64_t wall_ns() const override { return now; }
  std::int64_t now = 0;
};

inline std::shared_ptr<const Alert> make_alert(const std::string& id, Severity severity = Severity::medium,
                                               std::vector<std::string> tags = {}) {
  auto alert = std::make_shared<Alert>();
  alert->id = id;
  alert->severity = severity;
  alert->rule_id = "r";
  alert->tags = std::move(tags);
  alert->json = R"({"id":")" + id + R"("})";
  alert->text = "text " + id;
  return alert;
}

// Asks until it is so; false after a time that no test needs unless something hangs.
inline bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

inline Deadline soon(std::chrono::milliseconds wait = std::chrono::seconds(30)) {
  return std::chrono::steady_clock::now() + wait;
}

// A log that several threads write to.
class Lines {
 public:
  void add(const std::string& line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(line);
  }
  [[nodiscard]] std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  [[nodiscard]] std::function<void(const std::string&)> writer() {
    return [this](const std::string& line) { add(line); };
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace bongsu
