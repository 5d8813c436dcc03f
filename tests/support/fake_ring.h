// SPDX-License-Identifier: Apache-2.0
//
// A fake of the kernel's ring buffer: the writer's side of kernel/bpf/ringbuf.c in user space, on memory laid out and
// mapped as the kernel does it. The reader's view of positions and data is read only, as the kernel's is: a reader that
// writes there dies.
#pragma once

#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/unique_fd.h"
#include "sensor/ring_reader.h"
#include "wire/wire.h"

namespace bongsu::test {

class FakeRing {
 public:
  static constexpr std::size_t kPageBytes = 4096;
  static constexpr std::size_t kSmallest = offsetof(bongsu_header, time_ns) + sizeof(std::uint64_t);

  // `bytes`: a power of two, whole pages. Both positions begin at `start`.
  explicit FakeRing(std::size_t bytes = kPageBytes, unsigned long start = 0)
      : bytes_(bytes), file_(::memfd_create("fake_ring", MFD_CLOEXEC)) {
    EXPECT_EQ(::ftruncate(file_.get(), static_cast<off_t>(2 * kPageBytes + bytes)), 0);
    writer_ = map(PROT_READ | PROT_WRITE);
    reader_ = map(PROT_READ);
    std::atomic_ref(*consumer()).store(start);
    std::atomic_ref(*producer()).store(start);
  }
  FakeRing(const FakeRing&) = delete;
  FakeRing& operator=(const FakeRing&) = delete;
  ~FakeRing() {
    ::munmap(writer_, mapped_bytes());
    ::munmap(reader_, mapped_bytes());
  }

  [[nodiscard]] RingMemory memory() {
    return {.consumer_pos = consumer(),
            .producer_pos = reinterpret_cast<unsigned long*>(reader_ + kPageBytes),
            .data = reader_ + 2 * kPageBytes,
            .bytes = bytes_};
  }

  // A busy record of zeros but for its time; its position, or nothing when the ring is full.
  std::optional<unsigned long> reserve(std::uint64_t time_ns, std::size_t size = kSmallest) {
    const unsigned long position = std::atomic_ref(*producer()).load();
    const unsigned long next = position + ((size + BPF_RINGBUF_HDR_SZ + 7) & ~7UL);
    if (next - std::atomic_ref(*consumer()).load(std::memory_order_acquire) > bytes_ - 1) {
      return std::nullopt;
    }
    std::atomic_ref(*length_at(position)).store(static_cast<std::uint32_t>(size) | BPF_RINGBUF_BUSY_BIT);
    std::memset(payload_at(position), 0, size);
    std::memcpy(payload_at(position) + offsetof(bongsu_header, time_ns), &time_ns, sizeof(time_ns));
    std::atomic_ref(*producer()).store(next, std::memory_order_release);
    return position;
  }
  std::byte* payload_at(unsigned long position) { return at(position) + BPF_RINGBUF_HDR_SZ; }

  // Makes it readable; true when the kernel would wake the reader.
  bool commit(unsigned long position) { return finish(position, 0); }
  bool discard(unsigned long position) { return finish(position, BPF_RINGBUF_DISCARD_BIT); }

  // All of it at once; false when the ring is full.
  bool write(std::uint64_t time_ns, std::size_t size = kSmallest) {
    const std::optional<unsigned long> position = reserve(time_ns, size);
    if (position) {
      commit(*position);
    }
    return position.has_value();
  }

  [[nodiscard]] unsigned long consumed() { return std::atomic_ref(*consumer()).load(); }
  [[nodiscard]] unsigned long produced() { return std::atomic_ref(*producer()).load(); }

 private:
  // Consumer page, producer page, the data, the data once more.
  [[nodiscard]] std::size_t mapped_bytes() const { return 2 * kPageBytes + 2 * bytes_; }
  [[nodiscard]] std::byte* map(int protection) {
    auto* base =
        static_cast<std::byte*>(::mmap(nullptr, mapped_bytes(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    const std::size_t whole = 2 * kPageBytes + bytes_;
    EXPECT_EQ(::mmap(base, whole, protection, MAP_SHARED | MAP_FIXED, file_.get(), 0), base);
    EXPECT_EQ(::mmap(base + whole, bytes_, protection, MAP_SHARED | MAP_FIXED, file_.get(), 2 * kPageBytes),
              base + whole);
    return base;
  }
  unsigned long* consumer() { return reinterpret_cast<unsigned long*>(writer_); }
  unsigned long* producer() { return reinterpret_cast<unsigned long*>(writer_ + kPageBytes); }
  std::byte* at(unsigned long position) { return writer_ + 2 * kPageBytes + (position & (bytes_ - 1)); }
  std::uint32_t* length_at(unsigned long position) { return reinterpret_cast<std::uint32_t*>(at(position)); }
  bool finish(unsigned long position, std::uint32_t flag) {
    const std::uint32_t length = std::atomic_ref(*length_at(position)).load() & ~BPF_RINGBUF_BUSY_BIT;
    std::atomic_ref(*length_at(position)).exchange(length | flag);
    return consumed() == position;
  }

  std::size_t bytes_;
  UniqueFd file_;
  std::byte* writer_;
  std::byte* reader_;
};

}  // namespace bongsu::test
