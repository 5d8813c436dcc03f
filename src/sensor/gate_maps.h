// SPDX-License-Identifier: Apache-2.0
//
// The maps by which the kernel side leaves out what no rule can match. Written whole into the half, and under the
// generation, that does not count; then one word of the settings makes it count. Between the two no gate counts: see
// ProbeSet::gate().
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "events/gates.h"

namespace bongsu {

class GateMaps {
 public:
  // Borrows the descriptors of the maps `gates` and `gate_values`.
  GateMaps(int gates, int values) : gates_fd_(gates), values_fd_(values) {}

  // Writes these beside the last ones, and takes those before them away: no program may still read them. Where the half
  // begins that bongsu_settings.gates is to name from here on.
  [[nodiscard]] Result<std::uint32_t> write(const Gates& gates);
  // Returns when every program that is under way now has ended.
  static void let_readers_end();
  // None count any more.
  void clear();

  // Sets right what another changed: all gates, and some values in turn, so that a call stays short. Whether there was
  // something.
  [[nodiscard]] bool restore();

 private:
  [[nodiscard]] bongsu_gate gate_at(std::size_t type) const;
  [[nodiscard]] bool put(const Gates::Value& value, std::uint32_t generation) const;
  void remove(const Gates& gates, std::uint32_t generation) const;
  void remove_before();

  int gates_fd_;
  int values_fd_;
  Gates now_;
  Gates before_;
  std::uint32_t generation_ = 0;  // of now_; 0: none count
  std::uint32_t before_generation_ = 0;
  std::size_t next_look_ = 0;  // at now_.values
};

}  // namespace bongsu
