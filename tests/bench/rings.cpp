// SPDX-License-Identifier: Apache-2.0
//
// usage: rings [SECONDS]: what one ring for all producers carries, and what a ring for each of a few does; prints JSON.
//
//   produce  producers alone, nobody reads: the lock, and the copy
//   whole    with a reader that restores the order; what it found out of order within a process has to be 0
//   merge    the reader alone, from rings that are full
//
// Every thread is a process that now and then goes on with another ring, as a task that moves to another processor.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <string>
#include <thread>
#include <vector>

#include "bench/ring_merge.h"

namespace bongsu::bench {
namespace {

constexpr std::size_t kSlots = std::size_t{1} << 14;  // 4 MiB
constexpr std::uint32_t kStaysFor = 64;               // records between two moves of a process

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

struct Outcome {
  std::uint64_t written = 0;
  std::uint64_t refused = 0;
  std::uint64_t read = 0;
  std::uint64_t out_of_order = 0;
  double seconds = 0;
};

// Counts the records, and those that come after a later one of their process.
class OrderCheck {
 public:
  explicit OrderCheck(std::size_t processes) : last_(processes) {}
  void operator()(const Record& record) {
    std::uint32_t& last = last_[record.process];
    out_of_order_ += record.sequence <= last ? 1 : 0;
    last = record.sequence;
  }
  [[nodiscard]] std::uint64_t out_of_order() const { return out_of_order_; }

 private:
  std::vector<std::uint32_t> last_;
  std::uint64_t out_of_order_ = 0;
};

// Writes until it is told to end; begins in ring `home`.
void produce(RingGroup& group, std::uint32_t process, std::size_t home, bool discard, const std::atomic<bool>& end,
             Outcome& outcome) {
  Record record{};
  record.process = process;
  std::uint64_t written = 0;
  std::uint64_t refused = 0;
  while (!end.load(std::memory_order_relaxed)) {
    record.stamp_ns = now_ns();
    ++record.sequence;
    const bool moved = !discard && (record.sequence / kStaysFor) % 4 == 3;
    const std::size_t ring = (home + (moved ? 1 : 0)) % group.size();
    (group.ring(ring).write(record, discard) ? written : refused) += 1;
  }
  outcome.written = written;
  outcome.refused = refused;
}

Outcome run(std::size_t rings, std::size_t producers, bool discard, double seconds) {
  RingGroup group(rings, kSlots);
  std::atomic<bool> end = false;
  std::vector<Outcome> outcomes(producers);
  std::vector<std::thread> threads;
  threads.reserve(producers);
  const std::uint64_t began_ns = now_ns();
  for (std::size_t i = 0; i < producers; ++i) {
    threads.emplace_back([&, i] { produce(group, static_cast<std::uint32_t>(i), i, discard, end, outcomes[i]); });
  }
  Outcome all;
  OrderCheck check(producers);
  const auto until_ns = began_ns + static_cast<std::uint64_t>(seconds * 1e9);
  while (now_ns() < until_ns) {
    const std::size_t taken = discard ? 0 : group.drain(std::ref(check));
    all.read += taken;
    if (taken == 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }
  end = true;
  all.seconds = static_cast<double>(now_ns() - began_ns) / 1e9;
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const Outcome& outcome : outcomes) {
    all.written += outcome.written;
    all.refused += outcome.refused;
  }
  all.out_of_order = check.out_of_order();
  return all;
}

// Full rings, then nothing but the reader: records a second.
double merge_rate(std::size_t rings, double seconds) {
  constexpr std::size_t kFilled = 8192;  // in all rings together: what a reader finds that keeps up, not all of memory
  std::uint64_t read = 0;
  std::uint64_t took_ns = 0;
  RingGroup group(rings, kFilled / rings * 2);
  std::uint32_t sequence = 0;
  while (static_cast<double>(took_ns) < seconds * 1e9) {
    for (std::size_t n = 0; n < kFilled; ++n) {
      Record record{};
      record.stamp_ns = ++sequence;
      record.sequence = sequence;
      group.ring((n * 7 + n / 3) % rings).write(record, false);
    }
    OrderCheck check(1);
    const std::uint64_t began_ns = now_ns();
    while (const std::size_t taken = group.drain(std::ref(check))) {
      read += taken;
    }
    took_ns += now_ns() - began_ns;
  }
  return static_cast<double>(read) * 1e9 / static_cast<double>(took_ns);
}

std::string row(const char* layout, std::size_t rings, std::size_t producers, const Outcome& outcome) {
  return fmt::format(
      R"({{"layout":"{}","rings":{},"producers":{},"written_per_second":{:.0f},"read_per_second":{:.0f},)"
      R"("refused":{},"out_of_order":{}}})",
      layout, rings, producers, static_cast<double>(outcome.written) / outcome.seconds,
      static_cast<double>(outcome.read) / outcome.seconds, outcome.refused, outcome.out_of_order);
}

int print_all(double seconds) {
  const std::size_t cpus = std::max(1U, std::thread::hardware_concurrency());
  std::string produced;
  std::string whole;
  std::string merged;
  for (const std::size_t producers : std::initializer_list<std::size_t>{1, 2, 4, 8, 24}) {
    for (const bool shared : {true, false}) {
      const std::size_t rings = shared ? 1 : producers;
      const char* layout = shared ? "shared" : "grouped";
      const char* comma = produced.empty() ? "" : ",";
      produced += comma + row(layout, rings, producers, run(rings, producers, true, seconds));
      whole += comma + row(layout, rings, producers, run(rings, producers, false, seconds));
    }
  }
  for (const std::size_t rings : std::initializer_list<std::size_t>{1, 2, 4, 8, 16, 32}) {
    merged += fmt::format(R"({}{{"rings":{},"read_per_second":{:.0f}}})", merged.empty() ? "" : ",", rings,
                          merge_rate(rings, seconds));
  }
  fmt::print(R"({{"cpus":{},"record_bytes":{},"produce":[{}],"whole":[{}],"merge":[{}]}})"
             "\n",
             cpus, sizeof(Record), produced, whole, merged);
  return 0;
}

}  // namespace
}  // namespace bongsu::bench

int main(int argc, char** argv) { return bongsu::bench::print_all(argc > 1 ? std::strtod(argv[1], nullptr) : 1.0); }
