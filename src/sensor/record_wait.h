// SPDX-License-Identifier: Apache-2.0
//
// How the reader waits for records. Being woken is dear for both sides: the writer interrupts itself, the reader is
// scheduled. So while records keep coming, none of them wakes: the reader naps and then takes what has gathered. Only
// when a few naps in a row found nothing, it asks to be woken by the next record, and sleeps. Belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "sensor/sensor.h"
#include "sensor/transport.h"

namespace bongsu {

class RecordWait {
 public:
  // Naps double from the shortest to the longest while records come faster than this, and are short again after a
  // pause.
  static constexpr std::int64_t kShortestNs = 100'000;
  static constexpr std::int64_t kLongestNs = 2'000'000;
  static constexpr int kInVain = 2;  // naps in a row without a record, before it sleeps

  // Sensor::poll().
  [[nodiscard]] Result<std::size_t> poll(Transport& transport, int timeout_ms, int wake_fd,
                                         const RecordHandler& handle);

  [[nodiscard]] std::uint64_t naps() const { return naps_; }
  [[nodiscard]] std::uint64_t sleeps() const { return sleeps_; }

 private:
  enum class Woken : std::uint8_t { no, yes };
  [[nodiscard]] Result<Woken> nap(std::int64_t left_ns, int wake_fd);
  [[nodiscard]] Result<Woken> sleep(const Transport& transport, std::int64_t left_ns, int wake_fd);
  void came(std::size_t count, std::int64_t longest_ns);

  bool asleep_ = true;             // the next record will wake
  std::int64_t nap_ns_ = 0;        // how long the next nap is
  std::int64_t pace_ns_ = 0;       // the same, unless there is more to be read at once
  std::int64_t last_came_ns_ = 0;  // when there were records last, on the monotonic clock
  int in_vain_ = 0;
  std::uint64_t naps_ = 0;
  std::uint64_t sleeps_ = 0;
};

}  // namespace bongsu
