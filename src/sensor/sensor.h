// SPDX-License-Identifier: Apache-2.0
//
// The first room: loads the kernel side, chooses a hook for each event, attaches, and hands over records in an order
// that respects cause and effect. Owns every BPF object; one thread uses it. Nothing stays attached when it goes.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "events/catalogue.h"
#include "sensor/hook_plan.h"

namespace bongsu {

enum class TransportKind : std::uint8_t { automatic, ring, perf };

struct SensorOptions {
  TransportKind transport = TransportKind::automatic;
  std::uint64_t ring_bytes = 8ULL << 20;  // a power of two times the page size; split among the CPUs for perf
  std::bitset<kEventCount> events;        // what rules and traces ask for; what identity needs is added
  bool task_iterator = true;  // false: the snapshot is read from `proc`, as where the kernel has no iterators
  std::filesystem::path proc = "/proc";
  std::filesystem::path sys = "/sys";
};

// The bytes of one record, 8-byte aligned, good only during the call.
using RecordHandler = std::function<void(std::span<const std::byte>)>;

class Sensor {
 public:
  // Loads and attaches; records gather in the buffer from here on. Fails with one line for a person.
  [[nodiscard]] static Result<std::unique_ptr<Sensor>> open(const SensorOptions& options, const Clock& clock);
  ~Sensor();
  Sensor(const Sensor&) = delete;
  Sensor& operator=(const Sensor&) = delete;

  // Hands over one record, marked BONGSU_SNAPSHOT, for each process there is: from the task iterator, or from /proc
  // where the kernel has none (then start times are rounded down to a clock tick). Called once, before the first
  // poll(): whatever happens meanwhile waits in the buffer, so there is no gap.
  [[nodiscard]] Status snapshot(const RecordHandler& handle);

  // Waits at most `timeout_ms` for records, also on `wake_fd` when it is not negative (returns early when that is
  // readable), and hands over what there is. The number of records.
  [[nodiscard]] Result<std::size_t> poll(int timeout_ms, int wake_fd, const RecordHandler& handle);

  // Detaches every probe; then drain() hands over all that is still buffered.
  void detach();
  std::size_t drain(const RecordHandler& handle);

  // Sums over all CPUs since open().
  [[nodiscard]] bongsu_counters counters() const;
  // The rung that each event got, and those that none could be had for.
  [[nodiscard]] const HookPlan& plan() const;
  [[nodiscard]] TransportKind transport() const;

 private:
  struct State;
  explicit Sensor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string_view to_string(TransportKind kind);
[[nodiscard]] std::string_view to_string(bongsu_loss reason);
[[nodiscard]] std::string_view to_string(bongsu_fault fault);

}  // namespace bongsu
