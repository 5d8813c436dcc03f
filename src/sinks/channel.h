// SPDX-License-Identifier: Apache-2.0
//
// What a queued sink (queued.h) delivers through: one attempt at a time, as long as it takes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alert/alert.h"
#include "payload/format.h"

namespace bongsu {

struct Attempt {
  enum class Outcome : std::uint8_t {
    delivered,
    retry,    // not now: the same again later
    rejected  // never
  };
  Outcome outcome = Outcome::delivered;
  std::string reason;  // why not, for the log; one of few, so without anything the other side chose; empty: interrupted
  std::optional<std::chrono::nanoseconds> wait;  // the other side asked not to be tried before
  std::vector<Refusal> refused;                  // delivered, but for these; by index, ascending
  bool too_large = false;  // whatever the outcome: fewer alerts at once are to be sent instead; only of more than one

  [[nodiscard]] static Attempt retry(std::string why) {
    return {.outcome = Outcome::retry, .reason = std::move(why), .wait = std::nullopt, .refused = {}};
  }
  [[nodiscard]] static Attempt rejected(std::string why) {
    return {.outcome = Outcome::rejected, .reason = std::move(why), .wait = std::nullopt, .refused = {}};
  }
};

class Channel {
 public:
  Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel() = default;

  // Only ever called by one thread. May block. At least one alert, and as many as the sink was made for. After `retry`
  // the same ones come again before any other, unless the program was started anew in between.
  [[nodiscard]] virtual Attempt send(Alerts alerts) = 0;

  // Any thread, once: the attempt under way and all later ones end at once, with `retry` and no reason unless they were
  // through.
  virtual void interrupt() = 0;
};

}  // namespace bongsu
