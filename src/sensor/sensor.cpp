// SPDX-License-Identifier: Apache-2.0
#include "sensor/sensor.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <set>

#include "base/log.h"
#include "probes.skel.h"
#include "sensor/preflight.h"
#include "sensor/probe_object.h"
#include "sensor/proc_snapshot.h"
#include "sensor/snapshot.h"
#include "sensor/transport.h"

namespace bongsu {
namespace {

// Who a process is and where it runs cannot be told without these, whatever the rules ask for.
constexpr std::array kIdentityEvents = {EventType::exec, EventType::fork, EventType::exit, EventType::container_start,
                                        EventType::container_stop};

struct Attached {
  std::unique_ptr<ProbeObject> object;
  std::unique_ptr<Transport> transport;  // goes before the object: it reads the object's maps
  HookPlan plan;
};

Result<std::unique_ptr<Transport>> make_transport(const ProbeObject& object, const ProbeSettings& settings,
                                                  const Clock& clock) {
  const probes& skeleton = object.skeleton();
  return settings.use_perf ? make_perf_transport(bpf_map__fd(skeleton.maps.lifecycle_perf), settings.ring_bytes, clock)
                           : make_ring_transport(bpf_map__fd(skeleton.maps.lifecycle_ring));
}

// Loads and attaches the best rung of each event. A hook that is offered but refused is struck out and the next rung
// taken: the loop ends because there are finitely many.
Result<Attached> load_and_attach(const std::bitset<kEventCount>& wanted, const ProbeSettings& settings,
                                 const Clock& clock) {
  std::set<std::pair<const HookInfo*, std::string>> struck;
  for (;;) {
    HookPlan plan = choose_hooks(wanted, [&](const HookInfo& hook) {
      const auto found = std::find_if(struck.begin(), struck.end(), [&](const auto& s) { return s.first == &hook; });
      return found != struck.end() ? found->second : std::string(unavailable(hook));
    });
    for (const HookChoice& choice : plan) {
      const bool vital =
          std::find(kIdentityEvents.begin(), kIdentityEvents.end(), choice.event) != kIdentityEvents.end();
      if (choice.hook == nullptr && vital) {
        return fail("no way to see the event " + std::string(info(choice.event).name) + " on this kernel",
                    choice.refused);
      }
    }
    auto object = ProbeObject::load(plan, settings);
    const std::size_t struck_before = struck.size();
    if (!object) {
      for (const HookChoice& choice : plan) {
        if (choice.hook != nullptr && !loads_alone(*choice.hook)) {
          struck.emplace(choice.hook, last_libbpf_warning());
        }
      }
      if (struck.size() == struck_before) {
        return tl::make_unexpected(object.error());
      }
      continue;
    }
    // Before anything is attached: what a probe writes while the perf buffer is not there yet is lost.
    auto transport = make_transport(**object, settings, clock);
    if (!transport) {
      return tl::make_unexpected(transport.error());
    }
    for (const HookChoice& choice : plan) {
      if (choice.hook == nullptr) {
        continue;
      }
      if (Status attached = (*object)->attach(*choice.hook); !attached) {
        struck.emplace(choice.hook, attached.error().message);
      }
    }
    if (struck.size() == struck_before) {
      return Attached{std::move(*object), std::move(*transport), std::move(plan)};
    }
  }
}

}  // namespace

struct Sensor::State {
  Attached attached;
  TransportKind kind;
  bool task_iterator;
  std::filesystem::path proc;
  const Clock& clock;
  std::uint64_t handed_over = 0;  // records, those of the snapshot not counted
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
  const bool has_ring = kernel_has_ring_buffer();
  if (options.transport == TransportKind::ring && !has_ring) {
    return fail("this kernel has no BPF ring buffer",
                "use --transport auto or perf; the ring buffer came with Linux 5.8");
  }
  const bool use_perf = options.transport == TransportKind::perf || !has_ring;
  std::bitset<kEventCount> wanted = options.events;
  for (const EventType event : kIdentityEvents) {
    wanted.set(static_cast<std::size_t>(event));
  }
  const ProbeSettings settings{.use_perf = use_perf,
                               .ring_bytes = options.ring_bytes,
                               .task_iterator = options.task_iterator && kernel_has_task_iterator()};
  auto attached = load_and_attach(wanted, settings, clock);
  if (!attached) {
    return tl::make_unexpected(attached.error());
  }
  auto state = std::make_unique<State>(State{.attached = std::move(*attached),
                                             .kind = use_perf ? TransportKind::perf : TransportKind::ring,
                                             .task_iterator = settings.task_iterator,
                                             .proc = options.proc,
                                             .clock = clock});
  return std::unique_ptr<Sensor>(new Sensor(std::move(state)));
}

Status Sensor::snapshot(const RecordHandler& handle) {
  if (!state_->task_iterator) {
    return read_proc_snapshot(state_->proc, state_->clock, handle);
  }
  return read_task_iterator(state_->attached.object->skeleton().progs.snapshot_task, handle);
}

Result<std::size_t> Sensor::poll(int timeout_ms, int wake_fd, const RecordHandler& handle) {
  const int hold_ms = state_->attached.transport->hold_ms();
  if (hold_ms >= 0 && (timeout_ms < 0 || hold_ms < timeout_ms)) {
    timeout_ms = hold_ms;
  }
  std::array<pollfd, 2> fds{{{state_->attached.transport->fd(), POLLIN, 0}, {wake_fd, POLLIN, 0}}};
  if (::poll(fds.data(), fds.size(), timeout_ms) < 0 && errno != EINTR) {
    return fail_errno("waiting for events failed", errno);
  }
  const std::size_t count = state_->attached.transport->consume(handle);
  state_->handed_over += count;
  return count;
}

void Sensor::detach() { state_->attached.object->detach(); }

// A probe may still be at work on another CPU for a moment: what it writes is counted, so it is known when all has
// arrived.
std::size_t Sensor::drain(const RecordHandler& handle) {
  constexpr int kMostTries = 100;
  constexpr int kPauseMs = 1;
  std::size_t count = 0;
  for (int in_vain = 0; in_vain < kMostTries;) {
    const std::size_t got = state_->attached.transport->drain(handle);
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
  const int fd = bpf_map__fd(state_->attached.object->skeleton().maps.counters);
  std::vector<bongsu_counters> per_cpu(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  bongsu_counters sum{};
  const std::uint32_t zero = 0;
  if (bpf_map_lookup_elem(fd, &zero, per_cpu.data()) != 0) {
    log::warn("cannot read the kernel side's counters: errno {}", errno);
    return sum;
  }
  for (const bongsu_counters& one : per_cpu) {
    for (std::size_t event = 0; event < kEventCount; ++event) {
      sum.emitted[event] += one.emitted[event];
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

const HookPlan& Sensor::plan() const { return state_->attached.plan; }
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
    case BONGSU_FAULT_COUNT:
      break;
  }
  return "";
}

}  // namespace bongsu
