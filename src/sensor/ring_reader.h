// SPDX-License-Identifier: Apache-2.0
//
// Reads one BPF ring buffer record by record, through its memory. libbpf's reader empties a ring before it looks at the
// next one; two rings that are to give one order have to be looked at side by side (ring_order.h).
//
// Layout and protocol are those of kernel/bpf/ringbuf.c: two positions that only grow, and records of 8-byte aligned
// size, each behind a header whose first word is the record's length and two flags.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bongsu {

// Shows a part of a ring's data, as little as reading needs: what is mapped counts as the program's memory.
class RingWindow {
 public:
  struct Part {
    std::byte* data = nullptr;  // null: it cannot be had now
    std::size_t begin = 0;      // where in the ring it begins
    std::size_t bytes = 0;      // records that begin in so much of it can be seen whole
  };
  virtual ~RingWindow() = default;
  // The part that has this place. What was shown before is gone.
  [[nodiscard]] virtual Part show(std::size_t place) = 0;
};

// Where a ring lies; owned by whoever mapped it.
struct RingMemory {
  unsigned long* consumer_pos;
  unsigned long* producer_pos;   // read only
  std::byte* data;               // read only; mapped twice in a row, so that no record is in two pieces
  std::size_t bytes;             // of `data` once; a power of two
  RingWindow* window = nullptr;  // null: all of `data` can be seen, always
};

enum class RingHead : std::uint8_t {
  none,   // there is no record
  busy,   // there is one, its writer is not done yet
  ready,  // there is one to be read
};

class RingReader {
 public:
  explicit RingReader(const RingMemory& memory);

  // What the oldest record is like. `none` and `busy` come from a fresh look at the memory, and what the writer of a
  // `ready` record saw written before is visible from here on. Steps over records that their writer discarded.
  [[nodiscard]] RingHead peek();

  // The oldest record and its time; after peek() said `ready`, until pop().
  [[nodiscard]] std::span<const std::byte> record() const { return record_; }
  [[nodiscard]] std::uint64_t time_ns() const;

  // The oldest record is done with. Its room is given back with that of others, a sixteenth of the ring at a time, and
  // after the next one is done with too.
  void pop();

  // Gives back the room of all that is done with, but for the newest: the kernel does not wake for what follows.
  void give_back_read();

  // Gives all room back; false when the reader has not moved since the last call. Before anybody waits for the ring,
  // this must be called, and after a full barrier peek() must have said `none` or `busy`: the kernel wakes for a record
  // only if the consumer has come up to it.
  bool release();

  // What the kernel has no room for because of records that are not done with.
  [[nodiscard]] std::size_t used_bytes() const;
  [[nodiscard]] std::size_t bytes() const { return memory_.bytes; }

 private:
  [[nodiscard]] std::byte* at(unsigned long position);
  void give_back(unsigned long up_to);

  RingMemory memory_;
  RingWindow::Part shown_;
  unsigned long position_;         // of the oldest record
  unsigned long newest_done_;      // position of the record before it, or the same when none was popped yet
  unsigned long producer_seen_;    // at least so far records are reserved
  unsigned long given_back_;       // the consumer position as the kernel knows it
  unsigned long at_last_release_;  // position_ when release() was called
  std::span<const std::byte> record_;
};

}  // namespace bongsu
