// SPDX-License-Identifier: Apache-2.0
//
// Maps that records cross in, and tiny BPF programs that write into them when told to: what a transport reads is made
// by the kernel, yet which record comes when is up to the test. Nothing is attached.
#pragma once

#include <bpf/bpf.h>

#include <cstddef>
#include <cstdint>

#include "base/unique_fd.h"
#include "wire/wire.h"

namespace bongsu::test {

[[nodiscard]] UniqueFd make_map(bpf_map_type type, std::uint32_t bytes_or_entries);

class RecordWriter {
 public:
  enum class Way : std::uint8_t { ring, ring_without_wakeup, ring_discarded, perf };

  // A record is a bare header.
  static constexpr std::size_t kRecordBytes = sizeof(bongsu_header);

  RecordWriter(const UniqueFd& map, Way way);

  // Writes one record of this time, on the given CPU or the current one; false when there was no room.
  [[nodiscard]] bool write(std::uint64_t time_ns, int cpu = -1) const;

 private:
  UniqueFd program_;
};

}  // namespace bongsu::test
