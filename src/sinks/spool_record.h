// SPDX-License-Identifier: Apache-2.0
//
// An alert as bytes of a spool's file. A record tells by itself whether it is whole, so that a file which broke off, or
// was damaged in the middle, gives all the others.
//
//   magic "BSP1" | bytes of the body u32 | sequence u64 | CRC-32 of the body u32 | CRC-32 of these 20 bytes u32 | body
//
// All little-endian. The alert's text for people is not kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "alert/alert.h"

namespace bongsu {

inline constexpr std::size_t kSpoolHeadBytes = 24;
// An alert has some kilobytes, with all of its arguments some tens of them; what claims to be larger is damaged.
inline constexpr std::size_t kMostSpoolBodyBytes = std::size_t{16} << 20;

// Appends it to `out`. Fails for an alert that is larger than a record may be.
[[nodiscard]] bool append_spool_record(std::string& out, std::uint64_t sequence, const Alert& alert);

struct SpoolRecord {
  std::uint64_t sequence = 0;
  std::size_t offset = 0;  // of its first byte
  std::size_t bytes = 0;   // all of it
  std::shared_ptr<const Alert> alert;
};

// The record that begins with the first byte; nothing when there is none that is whole.
[[nodiscard]] std::optional<SpoolRecord> read_spool_record(std::span<const std::byte> bytes);

// Every whole record, in order. Returns how many bytes belong to none before the last whole one; what follows that
// was being written when the writer ended.
std::size_t scan_spool(std::span<const std::byte> bytes, const std::function<void(const SpoolRecord&)>& found);

}  // namespace bongsu
