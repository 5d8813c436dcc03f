// SPDX-License-Identifier: Apache-2.0
//
// A record as it came from the kernel, checked once: the right size for its type, every string inside it. Borrows the
// bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "events/catalogue.h"
#include "events/value.h"

namespace bongsu {

class Record {
 public:
  // Nothing when the bytes are no record: too short, unknown type or one that user space makes, size or a string out of
  // bounds, misaligned (8 bytes). Up to 7 bytes after the record are left out: the perf buffer rounds up.
  [[nodiscard]] static std::optional<Record> decode(std::span<const std::byte> bytes);

  [[nodiscard]] EventType type() const { return static_cast<EventType>(header().type); }
  [[nodiscard]] const bongsu_header& header() const { return *reinterpret_cast<const bongsu_header*>(bytes_.data()); }
  [[nodiscard]] const bongsu_task& task() const { return header().task; }
  [[nodiscard]] bool snapshot() const { return (header().flags & BONGSU_SNAPSHOT) != 0; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

  // The event's own struct: record.as<bongsu_exec>(). The caller has looked at type().
  template <typename Wire>
  [[nodiscard]] const Wire& as() const {
    return *reinterpret_cast<const Wire*>(bytes_.data());
  }
  [[nodiscard]] std::string_view string(bongsu_str reference) const {
    if (reference.len == 0) {  // its offset was not looked at
      return {};
    }
    return {reinterpret_cast<const char*>(bytes_.data()) + reference.off, reference.len};
  }
  // A field that this event's rows map to a wire member; kind none when there is no such member, or an empty string.
  [[nodiscard]] Value value(FieldId id) const;

 private:
  explicit Record(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

// "SIGKILL" for 9, "SIG37" for 37 (real-time signals go by number); empty for 0 and what is no signal.
[[nodiscard]] std::string_view signal_name(int number);

// NUL-separated strings (a process's arguments) as a list: "a\0b\0" and "a\0b" are two items, "a\0\0" is "a" and "".
[[nodiscard]] StringList nul_separated(std::string_view blob);

}  // namespace bongsu
