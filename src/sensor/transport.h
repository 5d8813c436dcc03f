// SPDX-License-Identifier: Apache-2.0
//
// How records cross from the kernel: ring buffers, or the perf buffers of older kernels. There are two of a kind, so
// that high-volume events (bulk) never take the room of those that identity lives on (lifecycle). Both kinds hand over
// records in one order that respects cause and effect: a fork before its child's exec, an exec before what the program
// opens, that before its exit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "sensor/buffer_fill.h"
#include "sensor/cpu_loss.h"
#include "sensor/sensor.h"

namespace bongsu {

class Transport {
 public:
  // Records may come for ever; whoever polls has other things to look after, signals first.
  static constexpr std::size_t kMostAtOnce = 4096;

  virtual ~Transport() = default;
  // Readable when there may be records, if consume() was the last to read; for epoll.
  [[nodiscard]] virtual int fd() const = 0;
  // Hands over what there is now, so that the next record makes fd() readable; the number of records.
  virtual std::size_t consume(const RecordHandler& handle) = 0;
  // The same, but once it has handed over a record, no record that follows needs to wake anybody: for who looks again
  // by the clock, within longest_nap_ns().
  virtual std::size_t take(const RecordHandler& handle) = 0;
  // 0: only consume() will do.
  [[nodiscard]] virtual std::int64_t longest_nap_ns() const = 0;
  // Everything, also what is held back for its order. Nothing is being written any more.
  virtual std::size_t drain(const RecordHandler& handle) = 0;
  // At most so long should be waited before consume() is called again; negative: no limit.
  [[nodiscard]] virtual int hold_ms() const = 0;
  // The CPUs that lost records, as their buffers tell with the next record that has room. A ring is nobody's: empty.
  [[nodiscard]] virtual std::vector<CpuLoss> lost_per_cpu() const = 0;
  // How full the buffers are now. Perf buffers do not tell: empty.
  [[nodiscard]] virtual std::vector<BufferFill> fill() const = 0;
};

// The two maps; not owned. `bulk` is -1 when nothing writes to it.
struct RingFds {
  int lifecycle;
  int bulk;
};

// How much each may hold.
struct BufferBytes {
  std::uint64_t lifecycle;
  std::uint64_t bulk;
};

// `fds` are BPF_MAP_TYPE_RINGBUF.
[[nodiscard]] Result<std::unique_ptr<Transport>> make_ring_transport(RingFds fds);

// `fds` are BPF_MAP_TYPE_PERF_EVENT_ARRAY; the bytes of each are shared among the online CPUs.
[[nodiscard]] Result<std::unique_ptr<Transport>> make_perf_transport(RingFds fds, BufferBytes bytes,
                                                                     const Clock& clock);

}  // namespace bongsu
