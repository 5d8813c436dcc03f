// SPDX-License-Identifier: Apache-2.0
//
// The kernel's ring buffer, modelled in user space for rings.cpp: a spin lock around the reservation, a busy mark until
// the record is whole, one reader. A RingGroup reads several of them as one, in an order that never puts a record
// before an earlier one of the same process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

namespace bongsu::bench {

inline constexpr std::size_t kLineBytes = 64;

struct Record {
  std::uint64_t stamp_ns;
  std::uint32_t process;
  std::uint32_t sequence;
  std::byte payload[240];  // about what an exec or open takes
};

class ModelRing {
 public:
  explicit ModelRing(std::size_t slots) : slots_(slots) {}

  // False when it is full. `discard`: nobody reads, and it is never full: the producers' side alone.
  bool write(const Record& record, bool discard) {
    lock();
    const std::uint64_t at = reserved_.load(std::memory_order_relaxed);
    if (!discard && at - read_.load(std::memory_order_acquire) >= slots_.size()) {
      unlock();
      return false;
    }
    Slot& slot = slots_[at % slots_.size()];
    slot.whole.store(0, std::memory_order_relaxed);
    reserved_.store(at + 1, std::memory_order_release);
    unlock();
    std::memcpy(&slot.record, &record, sizeof record);
    slot.whole.store(at + 1, std::memory_order_release);
    return true;
  }

  [[nodiscard]] std::uint64_t reserved() const { return reserved_.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint64_t at() const { return read_.load(std::memory_order_relaxed); }

  // The first record that was not taken; there has to be one. Waits while it is being written, as the kernel's reader
  // stops there.
  [[nodiscard]] const Record& front() const {
    const std::uint64_t at = read_.load(std::memory_order_relaxed);
    const Slot& slot = slots_[at % slots_.size()];
    while (slot.whole.load(std::memory_order_acquire) != at + 1) {
      std::this_thread::yield();
    }
    return slot.record;
  }

  void take() { read_.fetch_add(1, std::memory_order_release); }

 private:
  struct Slot {
    std::atomic<std::uint64_t> whole = 0;
    Record record = {};
  };

  void lock() {
    // A holder can be preempted here, as it cannot in the kernel: so the processor is given away after a while.
    for (int spins = 0; locked_.exchange(true, std::memory_order_acquire); ++spins) {
      while (locked_.load(std::memory_order_relaxed)) {
        if (++spins > 2000) {
          std::this_thread::yield();
          spins = 0;
        } else {
          relax();
        }
      }
    }
  }
  void unlock() { locked_.store(false, std::memory_order_release); }

  static void relax() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }

  alignas(kLineBytes) std::atomic<bool> locked_ = false;
  alignas(kLineBytes) std::atomic<std::uint64_t> reserved_ = 0;
  alignas(kLineBytes) std::atomic<std::uint64_t> read_ = 0;
  alignas(kLineBytes) std::vector<Slot> slots_;
};

}  // namespace bongsu::bench
