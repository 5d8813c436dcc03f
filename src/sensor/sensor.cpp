// SPDX-License-Identifier: Apache-2.0
#include "sensor/sensor.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <utility>

#include "base/log.h"
#include "probes.skel.h"
#include "sensor/kernel_types.h"
#include "sensor/places.h"
#include "sensor/preflight.h"
#include "sensor/probe_object.h"
#include "sensor/probe_set.h"
#include "sensor/proc_snapshot.h"
#include "sensor/record_wait.h"
#include "sensor/snapshot.h"
#include "sensor/transport.h"

namespace bongsu {
namespace {

Result<std::unique_ptr<Transport>> make_transport(const ProbeObject& object, const ProbeSettings& settings,
                                                  const Clock& clock) {
  const auto& maps = object.skeleton().maps;
  return settings.use_perf ? make_perf_transport({bpf_map__fd(maps.lifecycle_perf), bpf_map__fd(maps.bulk_perf)},
                                                 {settings.ring_bytes, settings.ring_bytes}, clock)
                           : make_ring_transport({bpf_map__fd(maps.lifecycle_ring), bpf_map__fd(maps.bulk_ring)});
}

// What the kernel side leaves out for as long as the monitor lives.
bongsu_fixed fixed_settings(const SensorOptions& options) {
  constexpr std::uint64_t kSecondNs = 1'000'000'000;
  bongsu_fixed fixed{};
  fixed.own_pid = static_cast<std::uint32_t>(::getpid());
  if (options.events_per_second > 0) {
    fixed.interval_ns = std::max<std::uint64_t>(1, kSecondNs / options.events_per_second);
    fixed.burst_ns = 2 * kSecondNs;
  }
  const SensorFilter& filter = options.filter;
  fixed.filters = BONGSU_FILTER_MUTED;
  if (!filter.comm.empty()) {
    fixed.filters |= BONGSU_FILTER_COMM;
    filter.comm.copy(fixed.comm, sizeof(fixed.comm) - 1);
  }
  if (filter.uid) {
    fixed.filters |= BONGSU_FILTER_UID;
    fixed.uid = *filter.uid;
  }
  if (filter.summary) {
    fixed.filters |= BONGSU_FILTER_SUMMARY;
  }
  if (!filter.follow.empty()) {
    fixed.filters |= BONGSU_FILTER_FOLLOWED;
    if (filter.follow_children) {
      fixed.filters |= BONGSU_FILTER_CHILDREN;
    }
  }
  return fixed;
}

// Before anything is attached.
Status follow_all(const ProbeObject& object, const std::vector<std::uint32_t>& pids) {
  for (const std::uint32_t pid : pids) {
    const std::uint32_t yes = 1;
    if (bpf_map_update_elem(bpf_map__fd(object.skeleton().maps.followed), &pid, &yes, BPF_ANY) != 0) {
      return fail_errno("cannot follow process " + std::to_string(pid), errno);
    }
  }
  return {};
}

// By CPU; empty when they cannot be read.
std::vector<bongsu_counters> counters_by_cpu(const ProbeObject& object) {
  std::vector<bongsu_counters> all(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  const std::uint32_t zero = 0;
  if (bpf_map_lookup_elem(bpf_map__fd(object.skeleton().maps.counters), &zero, all.data()) != 0) {
    log::warn("cannot read the kernel side's counters: errno {}", errno);
    all.clear();
  }
  return all;
}

}  // namespace

struct Sensor::State {
  std::unique_ptr<ProbeSet> probes;
  std::unique_ptr<Transport> transport;  // goes before the probes: it reads their maps
  RecordWait wait;
  TransportKind kind;
  bool task_iterator;
  std::filesystem::path proc;
  const Clock& clock;
  std::uint64_t handed_over = 0;  // records, those of the snapshot not counted
  Places places;
};

Sensor::Sensor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sensor::~Sensor() = default;

Result<std::unique_ptr<Sensor>> Sensor::open(const SensorOptions& options, const Clock& clock) {
  for (const PreflightCheck& check : preflight(options.proc, options.sys)) {
    if (!check.status) {
      return tl::make_unexpected(check.status.error());
    }
  }
  capture_libbpf_messages();
  const auto held = kernel_types();
  const bool has_ring = kernel_has_ring_buffer();
  if (options.transport == TransportKind::ring && !has_ring) {
    return fail("this kernel has no BPF ring buffer",
                "use --transport auto or perf; the ring buffer came with Linux 5.8");
  }
  const bool use_perf = options.transport == TransportKind::perf || !has_ring;
  const bool iterator = options.task_iterator && kernel_has_task_iterator();
  const ProbeSettings settings{
      .use_perf = use_perf, .ring_bytes = options.ring_bytes, .fixed = fixed_settings(options)};
  auto probes =
      ProbeSet::open(options.hooks, settings, iterator ? ProgramSet{"snapshot_task"} : ProgramSet{}, options.events);
  if (!probes) {
    return tl::make_unexpected(probes.error());
  }
  if (Status followed = follow_all((*probes)->base(), options.filter.follow); !followed) {
    return tl::make_unexpected(followed.error());
  }
  // Before anything is attached: what a probe writes while the perf buffer is not there yet is lost.
  auto transport = make_transport((*probes)->base(), settings, clock);
  if (!transport) {
    return tl::make_unexpected(transport.error());
  }
  if (Status wanted = (*probes)->want(options.events); !wanted) {
    return tl::make_unexpected(wanted.error());
  }
  const int places = bpf_map__fd((*probes)->base().skeleton().maps.places);
  return std::unique_ptr<Sensor>(
      new Sensor(std::make_unique<State>(State{.probes = std::move(*probes),
                                               .transport = std::move(*transport),
                                               .wait = {},
                                               .kind = use_perf ? TransportKind::perf : TransportKind::ring,
                                               .task_iterator = iterator,
                                               .proc = options.proc,
                                               .clock = clock,
                                               .places = Places(places)})));
}

Status Sensor::snapshot(const RecordHandler& handle) {
  if (!state_->task_iterator) {
    return read_proc_snapshot(state_->proc, state_->clock, handle);
  }
  return read_task_iterator(state_->probes->base().skeleton().progs.snapshot_task, handle);
}

Result<std::size_t> Sensor::poll(int timeout_ms, int wake_fd, const RecordHandler& handle) {
  const int hold_ms = state_->transport->hold_ms();
  if (hold_ms >= 0 && (timeout_ms < 0 || hold_ms < timeout_ms)) {
    timeout_ms = hold_ms;
  }
  const auto count = state_->wait.poll(*state_->transport, timeout_ms, wake_fd, handle);
  state_->handed_over += count.value_or(0);
  return count;
}

void Sensor::detach() { state_->probes->detach(); }

// A probe may still be at work on another CPU for a moment: what it writes is counted, so it is known when all has
// arrived.
std::size_t Sensor::drain(const RecordHandler& handle) {
  constexpr int kMostTries = 100;
  constexpr int kPauseMs = 1;
  std::size_t count = 0;
  for (int in_vain = 0; in_vain < kMostTries;) {
    const std::size_t got = state_->transport->drain(handle);
    count += got;
    state_->handed_over += got;
    const bongsu_counters now = counters();
    if (got == 0 && state_->handed_over >= std::accumulate(std::begin(now.emitted), std::end(now.emitted), 0ULL)) {
      break;
    }
    if (got == 0) {
      ++in_vain;
      ::poll(nullptr, 0, kPauseMs);
    }
  }
  return count;
}

bongsu_counters Sensor::counters() const {
  bongsu_counters sum{};
  for (const bongsu_counters& one : counters_by_cpu(state_->probes->base())) {
    for (std::size_t event = 0; event < kEventCount; ++event) {
      sum.emitted[event] += one.emitted[event];
      sum.unmatched[event] += one.unmatched[event];
      for (std::size_t i = 0; i < BONGSU_LOSS_COUNT; ++i) {
        sum.lost[event][i] += one.lost[event][i];
      }
      for (std::size_t i = 0; i < BONGSU_FAULT_COUNT; ++i) {
        sum.faults[event][i] += one.faults[event][i];
      }
    }
  }
  return sum;
}

Status Sensor::want(const std::bitset<kEventCount>& events) { return state_->probes->want(events); }

std::vector<std::string> Sensor::restore_settings() {
  std::vector<std::string> changed = state_->probes->restore_settings();
  if (state_->places.restore()) {
    changed.emplace_back("places");
  }
  return changed;
}

void Sensor::follow(std::uint32_t pid) {
  const std::uint32_t yes = 1;
  if (bpf_map_update_elem(bpf_map__fd(state_->probes->base().skeleton().maps.followed), &pid, &yes, BPF_ANY) != 0) {
    log::warn("cannot follow process {}: too many", pid);
  }
}

Status Sensor::gate(const Gates* gates) { return state_->probes->gate(gates); }

bool Sensor::is_placed(const bongsu_cgroup_key& cgroup) { return state_->places.is_told(cgroup); }

void Sensor::place(const bongsu_cgroup_key& cgroup, bool container) {
  state_->places.tell(cgroup, container ? BONGSU_PLACE_CONTAINER : BONGSU_PLACE_HOST);
}

void Sensor::mute(const bongsu_cgroup_key& cgroup) { state_->places.tell(cgroup, BONGSU_PLACE_MUTED); }

void Sensor::forget_places() { state_->places.forget(); }

std::vector<BufferFill> Sensor::buffer_fill() const { return state_->transport->fill(); }

std::vector<Sensor::Refusal> Sensor::take_refusals() {
  const int map = bpf_map__fd(state_->probes->base().skeleton().maps.refusals);
  std::vector<Refusal> taken;
  bongsu_refusal key{};
  while (bpf_map_get_next_key(map, nullptr, &key) == 0) {
    std::uint64_t count = 0;
    if (bpf_map_lookup_elem(map, &key, &count) != 0 || bpf_map_delete_elem(map, &key) != 0) {
      break;
    }
    taken.push_back({key, count});
  }
  return taken;
}

std::vector<Sensor::Total> Sensor::totals() const {
  const int map = bpf_map__fd(state_->probes->base().skeleton().maps.totals);
  std::vector<Total> all;
  bongsu_total_key key{};
  const bongsu_total_key* before = nullptr;
  for (bongsu_total_key next{}; bpf_map_get_next_key(map, before, &next) == 0; before = &key) {
    key = next;
    bongsu_total sum{};
    if (bpf_map_lookup_elem(map, &key, &sum) == 0) {
      all.push_back({key, sum});
    }
  }
  return all;
}

std::vector<Sensor::ProgramCost> Sensor::programs() const {
  std::vector<ProgramCost> costs;
  state_->probes->for_each_program([&](const bpf_program* program) {
    bpf_prog_info info{};
    __u32 size = sizeof(info);
    if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0) {
      costs.push_back({.name = bpf_program__name(program),
                       .instructions = static_cast<std::uint32_t>(bpf_program__insn_cnt(program)),
                       .verified = info.verified_insns,
                       .runs = info.run_cnt,
                       .run_ns = info.run_time_ns});
    }
  });
  return costs;
}

Result<UniqueFd> Sensor::enable_statistics() {
  UniqueFd fd(bpf_enable_stats(BPF_STATS_RUN_TIME));
  if (fd.get() < 0) {
    return fail_errno("cannot turn on BPF statistics", errno);
  }
  return fd;
}

// A perf buffer's own word comes only with the next record that has room; what the kernel side counted is there at
// once.
std::vector<CpuLoss> Sensor::lost_per_cpu() const {
  std::vector<CpuLoss> losses = state_->transport->lost_per_cpu();
  if (state_->kind != TransportKind::perf) {
    return losses;
  }
  const std::vector<bongsu_counters> counters = counters_by_cpu(state_->probes->base());
  for (std::size_t cpu = 0; cpu < counters.size(); ++cpu) {
    std::uint64_t count = 0;
    for (const auto& lost : counters[cpu].lost) {
      count += lost[BONGSU_LOSS_RING_FULL];
    }
    const auto told =
        std::find_if(losses.begin(), losses.end(), [&](const CpuLoss& loss) { return std::cmp_equal(loss.cpu, cpu); });
    if (told != losses.end()) {
      told->count = std::max(told->count, count);
    } else if (count > 0) {
      losses.push_back({static_cast<int>(cpu), count});
    }
  }
  return losses;
}

const HookPlan& Sensor::plan() const { return state_->probes->plan(); }
TransportKind Sensor::transport() const { return state_->kind; }

std::string_view to_string(TransportKind kind) {
  switch (kind) {
    case TransportKind::automatic:
      return "auto";
    case TransportKind::ring:
      return "ring";
    case TransportKind::perf:
      return "perf";
  }
  return "";
}

std::string_view to_string(bongsu_loss reason) {
  switch (reason) {
    case BONGSU_LOSS_RING_FULL:
      return "ring_full";
    case BONGSU_LOSS_REENTRANT:
      return "reentrant";
    case BONGSU_LOSS_FLOOD:
      return "flood";
    case BONGSU_LOSS_COUNT:
      break;
  }
  return "";
}

std::string_view to_string(bongsu_fault fault) {
  switch (fault) {
    case BONGSU_FAULT_ARGS:
      return "args_unreadable";
    case BONGSU_FAULT_PATH:
      return "path_cut";
    case BONGSU_FAULT_USER:
      return "argument_unreadable";
    case BONGSU_FAULT_FOLLOW:
      return "not_followed";
    case BONGSU_FAULT_COUNT:
      break;
  }
  return "";
}

}  // namespace bongsu
