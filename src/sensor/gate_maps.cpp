// SPDX-License-Identifier: Apache-2.0
#include "sensor/gate_maps.h"

#include <bpf/bpf.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <iterator>
#include <thread>
#include <utility>

namespace bongsu {
namespace {

std::uint32_t half_of(std::uint32_t generation) { return generation % 2 == 0 ? 0 : BONGSU_EVENT_LIMIT; }

bongsu_gate_key key_of(const Gates::Value& value, std::uint32_t generation) {
  return {.value = value.value,
          .generation = generation,
          .event = static_cast<std::uint16_t>(value.event),
          .trait = static_cast<std::uint16_t>(value.trait)};
}

}  // namespace

// Programs at tracepoints are readers to RCU, which this barrier waits for (membarrier(2)); without it a program is
// given more time than any takes.
void GateMaps::let_readers_end() {
  if (::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) != 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

bongsu_gate GateMaps::gate_at(std::size_t type) const {
  bongsu_gate gate = now_.of.at(type);
  gate.generation = generation_;
  return gate;
}

bool GateMaps::put(const Gates::Value& value, std::uint32_t generation) const {
  const bongsu_gate_key key = key_of(value, generation);
  return bpf_map_update_elem(values_fd_, &key, &value.lanes, BPF_ANY) == 0;
}

void GateMaps::remove(const Gates& gates, std::uint32_t generation) const {
  for (const Gates::Value& value : gates.values) {
    const bongsu_gate_key key = key_of(value, generation);
    bpf_map_delete_elem(values_fd_, &key);
  }
}

Result<std::uint32_t> GateMaps::write(const Gates& gates) {
  if (gates.values.size() > kMostGateValues) {
    return fail("more values than the kernel side keeps");
  }
  remove_before();
  const std::uint32_t generation = std::max<std::uint32_t>(generation_, before_generation_) + 1;
  for (const Gates::Value& value : gates.values) {
    if (!put(value, generation)) {
      const int error = errno;
      remove(gates, generation);
      return fail_errno("cannot tell the kernel side what the rules ask for", error);
    }
  }
  before_ = std::exchange(now_, gates);
  for (const Gates::Value& value : now_.values) {
    if (value.trait == BONGSU_TRAIT_PATH) {
      constexpr unsigned kBits = 64;
      auto& words = now_.of.at(static_cast<std::size_t>(value.event)).path_words;
      words[value.value / kBits % std::size(words)] |= std::uint64_t{1} << value.value % kBits;
    }
  }
  before_generation_ = std::exchange(generation_, generation);
  for (std::uint32_t type = 0; type < kEventCount; ++type) {
    const std::uint32_t index = half_of(generation_) + type;
    const bongsu_gate gate = gate_at(type);
    if (bpf_map_update_elem(gates_fd_, &index, &gate, BPF_ANY) != 0) {
      const int error = errno;
      remove(now_, generation_);
      now_ = std::exchange(before_, {});
      generation_ = std::exchange(before_generation_, 0);
      return fail_errno("cannot tell the kernel side what the rules ask for", error);
    }
  }
  next_look_ = 0;
  return half_of(generation_);
}

void GateMaps::remove_before() {
  remove(before_, before_generation_);
  before_ = {};
}

void GateMaps::clear() {
  remove_before();
  before_ = std::exchange(now_, {});
  before_generation_ = std::exchange(generation_, 0);
}

bool GateMaps::restore() {
  constexpr std::size_t kLooks = 64;
  bool changed = false;
  if (generation_ == 0) {
    return false;
  }
  for (std::uint32_t type = 0; type < kEventCount; ++type) {
    const std::uint32_t index = half_of(generation_) + type;
    const bongsu_gate gate = gate_at(type);
    bongsu_gate found{};
    if (bpf_map_lookup_elem(gates_fd_, &index, &found) == 0 && std::memcmp(&found, &gate, sizeof(gate)) != 0) {
      changed = true;
      bpf_map_update_elem(gates_fd_, &index, &gate, BPF_ANY);
    }
  }
  for (std::size_t i = 0; i < std::min(kLooks, now_.values.size()); ++i) {
    const Gates::Value& value = now_.values[next_look_];
    next_look_ = (next_look_ + 1) % now_.values.size();
    const bongsu_gate_key key = key_of(value, generation_);
    std::uint64_t lanes = 0;
    if (bpf_map_lookup_elem(values_fd_, &key, &lanes) != 0 || lanes != value.lanes) {
      changed = true;
      (void)put(value, generation_);
    }
  }
  return changed;
}

}  // namespace bongsu
