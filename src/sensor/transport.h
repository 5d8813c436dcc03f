// SPDX-License-Identifier: Apache-2.0
//
// How records cross from the kernel: the ring buffer, or the perf buffer of older kernels. Both hand over records in an
// order that respects cause and effect (a fork before its child's exec).
#pragma once

#include <cstddef>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "sensor/sensor.h"

namespace bongsu {

class Transport {
 public:
  virtual ~Transport() = default;
  // Readable when there may be records; for epoll.
  [[nodiscard]] virtual int fd() const = 0;
  // Hands over what there is now; the number of records.
  virtual std::size_t consume(const RecordHandler& handle) = 0;
  // Everything, also what is held back for its order. Nothing is being written any more.
  virtual std::size_t drain(const RecordHandler& handle) = 0;
  // At most so long should be waited before consume() is called again; negative: no limit.
  [[nodiscard]] virtual int hold_ms() const = 0;
};

// `map_fd` is a BPF_MAP_TYPE_RINGBUF.
[[nodiscard]] Result<std::unique_ptr<Transport>> make_ring_transport(int map_fd);

// `map_fd` is a BPF_MAP_TYPE_PERF_EVENT_ARRAY; `bytes` is shared among the online CPUs.
[[nodiscard]] Result<std::unique_ptr<Transport>> make_perf_transport(int map_fd, std::uint64_t bytes,
                                                                     const Clock& clock);

}  // namespace bongsu
