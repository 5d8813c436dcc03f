// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a file of a spool. Nothing may crash, read outside or grow; what is found lies in the bytes, in order,
// and is what would be written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "sinks/spool_record.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
  std::size_t end = 0;
  std::size_t found_bytes = 0;
  const std::size_t damaged = bongsu::scan_spool(bytes, [&](const bongsu::SpoolRecord& record) {
    std::string again;
    const bool outside = record.offset < end || record.offset + record.bytes > size;
    if (outside || !bongsu::append_spool_record(again, record.sequence, *record.alert) ||
        again.size() != record.bytes) {
      std::abort();
    }
    end = record.offset + record.bytes;
    found_bytes += record.bytes;
  });
  if (damaged + found_bytes > size) {
    std::abort();
  }
  return 0;
}
