// SPDX-License-Identifier: Apache-2.0
//
// Values as bytes that can be kept and compared: what a rule groups events by, and what a sequence remembers of an
// earlier step. Two keys are equal when all values are; a value that is missing is one of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "events/event_view.h"

namespace bongsu {

// What is longer is cut, and ends in its length and a hash of all of it.
inline constexpr std::size_t kMaxKeyBytes = 1024;

// One value of its own; of a list all items in their order.
void write_key(std::string& out, const Value& value);

// The values of some fields of an event.
void write_key(std::string& out, const EventView& event, std::span<const FieldId> fields);

// Whether the key is that of a value which is missing.
[[nodiscard]] bool is_missing(const std::string& key);

// When the event happened, for windows: 0 where it does not say.
[[nodiscard]] std::int64_t event_time_ns(const EventView& event);

// How far two times are from one another, whichever is the later.
[[nodiscard]] inline std::uint64_t apart_ns(std::int64_t a, std::int64_t b) {
  return a < b ? static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a)
               : static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b);
}

}  // namespace bongsu
