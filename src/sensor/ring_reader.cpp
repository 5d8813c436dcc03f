// SPDX-License-Identifier: Apache-2.0
#include "sensor/ring_reader.h"

#include <linux/bpf.h>

#include <atomic>
#include <cstring>

#include "wire/wire.h"

namespace bongsu {
namespace {

// Giving back room record by record would take the line of the consumer position from every writer each time, and make
// each writer that finds the reader right before its record wake it.
constexpr unsigned long kGiveBackShare = 16;

// Records follow each other at multiples of this (bpf_ringbuf_reserve).
constexpr unsigned long kAlignBytes = 8;

}  // namespace

RingReader::RingReader(const RingMemory& memory)
    : memory_(memory),
      shown_{memory.data, 0, memory.window == nullptr ? memory.bytes : 0},
      position_(std::atomic_ref(*memory.consumer_pos).load(std::memory_order_relaxed)),
      newest_done_(position_),
      producer_seen_(position_),
      given_back_(position_),
      at_last_release_(position_) {}

std::byte* RingReader::at(unsigned long position) {
  const std::size_t place = position & (memory_.bytes - 1);
  if (place - shown_.begin >= shown_.bytes) {  // also where it is before the part
    shown_ = memory_.window->show(place);
  }
  return shown_.data == nullptr ? nullptr : shown_.data + (place - shown_.begin);
}

RingHead RingReader::peek() {
  for (;;) {
    if (position_ == producer_seen_) {
      producer_seen_ = std::atomic_ref(*memory_.producer_pos).load(std::memory_order_acquire);
      if (position_ == producer_seen_) {
        return RingHead::none;
      }
    }
    std::byte* header = at(position_);
    if (header == nullptr) {
      return RingHead::busy;  // there is one, but it cannot be seen
    }
    const std::uint32_t length =
        std::atomic_ref(*reinterpret_cast<std::uint32_t*>(header)).load(std::memory_order_acquire);
    if ((length & BPF_RINGBUF_BUSY_BIT) != 0) {
      return RingHead::busy;
    }
    record_ = {header + BPF_RINGBUF_HDR_SZ, length & ~BPF_RINGBUF_DISCARD_BIT};
    if ((length & BPF_RINGBUF_DISCARD_BIT) == 0) {
      return RingHead::ready;
    }
    pop();
  }
}

std::uint64_t RingReader::time_ns() const {
  constexpr std::size_t kOffset = offsetof(bongsu_header, time_ns);
  std::uint64_t time_ns = 0;
  if (record_.size() >= kOffset + sizeof(time_ns)) {  // no probe writes a shorter one
    std::memcpy(&time_ns, record_.data() + kOffset, sizeof(time_ns));
  }
  return time_ns;
}

void RingReader::pop() {
  newest_done_ = position_;
  position_ += (BPF_RINGBUF_HDR_SZ + record_.size() + kAlignBytes - 1) & ~(kAlignBytes - 1);
  if (newest_done_ - given_back_ >= memory_.bytes / kGiveBackShare) {
    give_back(newest_done_);
  }
}

void RingReader::give_back_read() {
  if (static_cast<long>(newest_done_ - given_back_) > 0) {  // not after release(), which gave back more
    give_back(newest_done_);
  }
}

bool RingReader::release() {
  if (position_ != given_back_) {
    give_back(position_);
  }
  const bool moved = position_ != at_last_release_;
  at_last_release_ = position_;
  return moved;
}

std::size_t RingReader::used_bytes() const {
  return std::atomic_ref(*memory_.producer_pos).load(std::memory_order_relaxed) - given_back_;
}

// Release: what was read is read before the kernel writes over it.
void RingReader::give_back(unsigned long up_to) {
  std::atomic_ref(*memory_.consumer_pos).store(up_to, std::memory_order_release);
  given_back_ = up_to;
}

}  // namespace bongsu
