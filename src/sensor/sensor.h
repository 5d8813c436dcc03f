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
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "events/catalogue.h"
#include "events/gates.h"
#include "sensor/buffer_fill.h"
#include "sensor/cpu_loss.h"
#include "sensor/hook_plan.h"

namespace bongsu {

enum class TransportKind : std::uint8_t { automatic, ring, perf };

// What the kernel side leaves out, of all events but those that identity needs. Cgroups are muted one by one, as they
// are seen: Sensor::mute().
struct SensorFilter {
  std::vector<std::uint32_t> follow;  // only these processes; empty: all
  bool follow_children = false;       // and those that they make from here on
  std::string comm;                   // only threads with this comm; empty: all
  std::optional<std::uint32_t> uid;   // only processes with this effective user id
  bool summary = false;               // no records: calls and bytes are added up, see Sensor::totals()
};

struct SensorOptions {
  TransportKind transport = TransportKind::automatic;
  HookMode hooks = HookMode::automatic;
  std::uint64_t ring_bytes =
      8ULL << 20;  // each of the two; a power of two times the page size, for perf split among CPUs
  std::uint64_t events_per_second =
      20'000;  // of one cgroup, twice as many at once; 0: no limit. Not of exec, fork, exit
  SensorFilter filter;
  std::bitset<kEventCount> events;  // what rules and traces ask for; what identity needs is added
  bool task_iterator = true;        // false: the snapshot is read from `proc`, as where the kernel has no iterators
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

  // From here on these events are wanted: loads and attaches what is missing, detaches what nobody needs. No record of
  // an event that was wanted before and still is gets lost. When it fails, all is as it was.
  [[nodiscard]] Status want(const std::bitset<kEventCount>& events);

  // One more process for SensorFilter::follow.
  void follow(std::uint32_t pid);
  // From here on the kernel side leaves out what passes none of these; null: nothing but what the filters say. At one
  // moment for all events; none that passes both the old gates and the new is lost. Fails with all as it was.
  [[nodiscard]] Status gate(const Gates* gates);
  // What this cgroup is, for the gates that ask; and whether that was told already.
  void place(const bongsu_cgroup_key& cgroup, bool container);
  [[nodiscard]] bool is_placed(const bongsu_cgroup_key& cgroup);
  // Nothing that happens in this cgroup is told any more, but what identity needs.
  void mute(const bongsu_cgroup_key& cgroup);
  // What was told of cgroups is true no more: nothing is muted, and no place is known.
  void forget_places();

  // Looks whether the maps that steer the kernel side are as they were set, and sets them so again: the names of those
  // that were not.
  [[nodiscard]] std::vector<std::string> restore_settings();

  // Sums over all CPUs since open().
  [[nodiscard]] bongsu_counters counters() const;
  // What was not told because a cgroup had used up its share, since the last call.
  struct Refusal {
    bongsu_refusal what;
    std::uint64_t count;
  };
  [[nodiscard]] std::vector<Refusal> take_refusals();
  // What SensorFilter::summary added up since open().
  struct Total {
    bongsu_total_key what;
    bongsu_total sum;
  };
  [[nodiscard]] std::vector<Total> totals() const;
  // Each loaded program: its size, what the verifier had to look at, and how long it ran while BPF statistics were on.
  // A program that handles calls runs within the dispatcher: its time is in that one's.
  struct ProgramCost {
    std::string name;
    std::uint32_t instructions = 0;  // with its functions, as libbpf hands them to the kernel
    std::uint32_t verified = 0;      // of all paths; 0 before Linux 5.16
    std::uint64_t runs = 0;
    std::uint64_t run_ns = 0;
  };
  [[nodiscard]] std::vector<ProgramCost> programs() const;
  // Turns BPF statistics on as long as the descriptor is open. They cost some 20 ns a run.
  [[nodiscard]] static Result<UniqueFd> enable_statistics();
  // What the perf buffers lost, by CPU; empty for rings.
  [[nodiscard]] std::vector<CpuLoss> lost_per_cpu() const;
  // How full the rings are now; empty for perf buffers.
  [[nodiscard]] std::vector<BufferFill> buffer_fill() const;
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
