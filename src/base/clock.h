// SPDX-License-Identifier: Apache-2.0
//
// Time, passed in so that tests own it. The kernel side stamps records with CLOCK_BOOTTIME; people read wall time.
#pragma once

#include <ctime>

#include <cstdint>
#include <string>

namespace bongsu {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual std::int64_t boot_ns() const = 0;  // CLOCK_BOOTTIME
  [[nodiscard]] virtual std::int64_t wall_ns() const = 0;  // CLOCK_REALTIME, since the Unix epoch
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t boot_ns() const override { return read(CLOCK_BOOTTIME); }
  [[nodiscard]] std::int64_t wall_ns() const override { return read(CLOCK_REALTIME); }

 private:
  static std::int64_t read(clockid_t id) {
    timespec now{};
    ::clock_gettime(id, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  }
};

}  // namespace bongsu
