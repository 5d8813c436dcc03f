// SPDX-License-Identifier: Apache-2.0
//
// The kernel side's look at an event, made again in user space: for tests, and for what explains gates. What it does is
// what bpf/wire/wire.h says at struct bongsu_gate.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "events/event_view.h"
#include "events/gates.h"

namespace bongsu {

// What the kernel side knows of an event; none: it does not know.
struct GateTraits {
  EventType event = EventType::none;
  std::optional<bool> container;
  std::optional<bool> failed;
  std::optional<std::uint8_t> abi;
  std::optional<std::uint64_t> open_flags;
  std::optional<std::uint8_t> file_kind;  // S_IFMT's bits of the mode, >> 12
  std::optional<bool> outside;
  std::optional<bool> climbs;
  std::optional<bongsu_gate_family> family;
  std::optional<bongsu_gate_address> address;
  std::optional<std::uint16_t> error;  // of a call that failed
  std::optional<std::uint32_t> uid;
  std::optional<std::string> comm;
  std::optional<std::uint16_t> port;
  std::optional<std::string> path;  // whole, and absolute
};

// What it would know of this one.
[[nodiscard]] GateTraits gate_traits(const EventView& event);

[[nodiscard]] bool passes(const Gates& gates, const GateTraits& event);

}  // namespace bongsu
