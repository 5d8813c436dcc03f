// SPDX-License-Identifier: Apache-2.0
//
// What of an event the kernel side looks at before it makes a record: the tables that rules/pushdown makes of the rules
// and the sensor hands to the kernel. What the words mean stands in bpf/wire/wire.h, at struct bongsu_gate.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "events/catalogue.h"
#include "wire/wire.h"

namespace bongsu {

struct Gates {
  std::array<bongsu_gate, kEventCount> of{};  // by event type; `generation` is the sensor's to set
  struct Value {
    EventType event;
    bongsu_trait trait;
    std::uint64_t value;
    std::uint64_t lanes;
  };
  std::vector<Value> values;  // each event, trait and value once
};

// At most so many values: what needs more has to do with fewer keys, which lets more events pass.
inline constexpr std::size_t kMostGateValues = BONGSU_GATE_VALUES;

// The hash that the kernel side makes of a path's component, an extension or a comm (bpf/lib/gate.bpf.h): of the first
// BONGSU_HASHED_BYTES bytes, and the same for texts that differ in the case of ASCII letters only.
[[nodiscard]] std::uint64_t gate_hash(std::string_view text);

}  // namespace bongsu
