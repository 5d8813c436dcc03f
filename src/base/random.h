// SPDX-License-Identifier: Apache-2.0
//
// Randomness, passed in so that tests own it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bongsu {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> out) = 0;  // callable from any thread

  // Below `bound`, which is not 0. The slight bias of the remainder does not matter for back-off.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) {
    std::uint64_t value = 0;
    fill(std::as_writable_bytes(std::span(&value, 1)));
    return value % bound;
  }
};

// The kernel's (getrandom).
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override;
};

}  // namespace bongsu
