// SPDX-License-Identifier: Apache-2.0
//
// Gates made by hand, and a test that runs some work behind them. That those made from rules ask for no more than the
// rules do is for the tests of rules/pushdown.h.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "events/gates.h"
#include "support/kernel/kernel_test.h"
#include "support/kernel/worker.h"
#include "support/test_folder.h"

namespace bongsu::test {

inline constexpr std::uint64_t kLane = 1;

template <std::size_t kSize>
void fill(__u64 (&row)[kSize], std::uint64_t lanes) {
  std::fill(std::begin(row), std::end(row), lanes);
}

// One lane, which everything passes.
inline bongsu_gate open_gate() {
  bongsu_gate gate{};
  gate.lanes = gate.no_open_flag = kLane;
  fill(gate.place, kLane);
  fill(gate.outcome, kLane);
  fill(gate.abi, kLane);
  fill(gate.open_flag, kLane);
  fill(gate.file_kind, kLane);
  gate.every_kind = kLane;
  fill(gate.outside, kLane);
  fill(gate.climbs, kLane);
  fill(gate.family, kLane);
  fill(gate.address, kLane);
  fill(gate.rest, kLane);
  return gate;
}

inline Gates only(EventType event, const bongsu_gate& gate, std::vector<Gates::Value> values = {}) {
  Gates gates;
  gates.of.at(static_cast<std::size_t>(event)) = gate;
  gates.values = std::move(values);
  return gates;
}

// Only what has this value of a trait with many.
inline Gates only_value(EventType event, bongsu_trait trait, std::uint64_t value) {
  bongsu_gate gate = open_gate();
  gate.named = 1U << trait;
  gate.rest[trait] = 0;
  if (trait == BONGSU_TRAIT_EXTENSION) {
    gate.named |= 1U << BONGSU_TRAIT_PATH;
    gate.rest[BONGSU_TRAIT_PATH] = 0;
  }
  return only(event, gate, {{event, trait, value, kLane}});
}

inline void try_open(const std::string& path, int flags = O_RDONLY) {
  constexpr mode_t kMode = 0600;
  if (const int fd = ::open(path.c_str(), flags | O_CLOEXEC, kMode); fd >= 0) {
    ::close(fd);
  }
}

class GateTest : public KernelTest {
 protected:
  // Runs steps 0 to `steps` - 1 of the work behind these gates.
  void run(const Gates& gates, int steps, const std::function<void(int)>& work, EventType event = EventType::open) {
    worker_ = std::make_unique<Worker>(work);
    open({event});
    const Status gated = sensor().gate(&gates);
    ASSERT_TRUE(gated) << gated.error().to_string();
    before_ = unmatched(event);
    for (int step = 0; step < steps; ++step) {
      ASSERT_TRUE(worker_->step(step));
    }
    sensor().detach();
    sensor().drain(keeper());
    told_ = all(event, worker_->pid());
    left_out_ = unmatched(event) - before_;
  }
  [[nodiscard]] std::uint64_t unmatched(EventType event) {
    return sensor().counters().unmatched[static_cast<std::size_t>(event)];
  }
  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> found;
    found.reserve(told_.size());
    for (const Record* record : told_) {
      found.emplace_back(record->string(record->as<bongsu_open>().path));
    }
    return found;
  }
  [[nodiscard]] std::string in(const std::string& name) const { return folder_.path(name); }
  [[nodiscard]] std::string make(const std::string& name) const {
    std::filesystem::create_directories(std::filesystem::path(in(name)).parent_path());
    try_open(in(name), O_WRONLY | O_CREAT);
    return in(name);
  }
  [[nodiscard]] const std::vector<const Record*>& told() const { return told_; }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }  // of all processes: at least the worker's

 private:
  TestFolder folder_;
  std::unique_ptr<Worker> worker_;
  std::vector<const Record*> told_;
  std::uint64_t before_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace bongsu::test
