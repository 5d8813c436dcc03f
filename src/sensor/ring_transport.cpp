// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <optional>

#include "base/unique_fd.h"
#include "sensor/ring_order.h"
#include "sensor/ring_reader.h"
#include "sensor/transport.h"
#include "wire/wire.h"

namespace bongsu {
namespace {

// The memory of one ring: a page for the consumer position, the only one that may be written; then a page for the
// producer position and the data twice (ringbuf_map_mmap_kern in kernel/bpf/ringbuf.c). Of the data a window is mapped,
// which is put elsewhere when reading has come to its end, some thirty times for each time round.
class MappedRing final : public RingWindow {
 public:
  MappedRing() = default;
  MappedRing(const MappedRing&) = delete;
  MappedRing& operator=(const MappedRing&) = delete;
  ~MappedRing() override {
    for (void* page : {consumer_, producer_}) {
      if (page != MAP_FAILED) {
        ::munmap(page, page_bytes_);
      }
    }
    if (window_ != MAP_FAILED) {
      ::munmap(window_, step_bytes_ + beyond_bytes_);
    }
  }

  [[nodiscard]] Status open(int map_fd) {
    bpf_map_info info{};
    std::uint32_t info_bytes = sizeof(info);
    if (bpf_obj_get_info_by_fd(map_fd, &info, &info_bytes) != 0) {
      return fail_errno("cannot ask for the ring buffer's size", errno);
    }
    map_fd_ = map_fd;
    ring_bytes_ = info.max_entries;
    step_bytes_ = std::min(kStepBytes, ring_bytes_);
    beyond_bytes_ = std::min(kBeyondBytes, ring_bytes_);
    consumer_ = ::mmap(nullptr, page_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
    if (consumer_ != MAP_FAILED) {
      producer_ = ::mmap(nullptr, page_bytes_, PROT_READ, MAP_SHARED, map_fd, static_cast<off_t>(page_bytes_));
    }
    if (producer_ != MAP_FAILED) {
      window_ = ::mmap(nullptr, step_bytes_ + beyond_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    if (window_ == MAP_FAILED || show(0).data == nullptr) {
      return fail_errno("cannot map the ring buffer", errno);
    }
    return {};
  }

  [[nodiscard]] RingMemory memory() {
    return {.consumer_pos = static_cast<unsigned long*>(consumer_),
            .producer_pos = static_cast<unsigned long*>(producer_),
            .data = nullptr,
            .bytes = ring_bytes_,
            .window = this};
  }

  [[nodiscard]] Part show(std::size_t place) override {
    const std::size_t begin = place & ~(step_bytes_ - 1);
    const void* shown = ::mmap(window_, step_bytes_ + beyond_bytes_, PROT_READ, MAP_SHARED | MAP_FIXED, map_fd_,
                               static_cast<off_t>(2 * page_bytes_ + begin));
    return shown == MAP_FAILED ? Part{} : Part{static_cast<std::byte*>(window_), begin, step_bytes_};
  }

 private:
  static constexpr std::size_t kStepBytes = std::size_t{256} << 10;  // a power of two, like every ring's size
  static constexpr std::size_t kBeyondBytes = std::size_t{64} << 10;
  static_assert(kBeyondBytes > BONGSU_RECORD_BYTES + std::size_t{BPF_RINGBUF_HDR_SZ},
                "a record that begins in the step is whole");

  std::size_t page_bytes_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::size_t ring_bytes_ = 0;
  std::size_t step_bytes_ = 0;
  std::size_t beyond_bytes_ = 0;
  int map_fd_ = -1;
  void* consumer_ = MAP_FAILED;
  void* producer_ = MAP_FAILED;
  void* window_ = MAP_FAILED;
};

class RingTransport final : public Transport {
 public:
  [[nodiscard]] Status open(RingFds fds) {
    fds_ = fds;
    epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_) {
      return fail_errno("cannot make an epoll descriptor", errno);
    }
    if (Status mapped = lifecycle_memory_.open(fds.lifecycle); !mapped) {
      return mapped;
    }
    lifecycle_.emplace(lifecycle_memory_.memory());
    if (fds.bulk >= 0) {
      if (Status mapped = bulk_memory_.open(fds.bulk); !mapped) {
        return mapped;
      }
      bulk_.emplace(bulk_memory_.memory());
    }
    return watch(EPOLL_CTL_ADD);
  }

  [[nodiscard]] int fd() const override { return epoll_.get(); }

  std::size_t consume(const RecordHandler& handle) override {
    std::size_t count = 0;
    for (;;) {
      count += hand_over(kMostAtOnce - count, handle);
      if (count == kMostAtOnce) {
        break;
      }
      if (!release()) {
        return count;  // nothing came since the kernel knows how far reading got: it will wake for the next record
      }
    }
    // What is left may be records that the kernel saw no reason to wake for, as reading was under way. Without a
    // wake-up epoll does not look at a ring again; a modification makes it look.
    release();
    (void)watch(EPOLL_CTL_MOD);
    return count;
  }

  // The kernel wakes for a record that it finds the consumer position right before (bpf_ringbuf_commit). As long as the
  // newest record that was read is not given back there is none: it is not written again, and the others are elsewhere.
  // Going back to being woken is consume().
  std::size_t take(const RecordHandler& handle) override {
    const std::size_t count = hand_over(kMostAtOnce, handle);
    lifecycle_->give_back_read();
    if (bulk_) {
      bulk_->give_back_read();
    }
    return count;
  }

  // A flood must not outrun a nap. The writers of a ring take turns at its lock: what all of them together can write is
  // less than this, some ten million records of 300 bytes a second. And a ring that a few of the largest records fill
  // has no room for one that is not given back.
  [[nodiscard]] std::int64_t longest_nap_ns() const override {
    constexpr std::size_t kBytesPerNs = 4;
    constexpr std::size_t kRoomyBytes = 32 * std::size_t{BONGSU_RECORD_BYTES};
    const std::size_t bytes = bulk_ ? std::min(lifecycle_->bytes(), bulk_->bytes()) : lifecycle_->bytes();
    return bytes < kRoomyBytes ? 0 : static_cast<std::int64_t>(bytes / kBytesPerNs);
  }

  std::size_t drain(const RecordHandler& handle) override { return consume(handle); }

  [[nodiscard]] int hold_ms() const override { return -1; }

  [[nodiscard]] std::vector<CpuLoss> lost_per_cpu() const override { return {}; }

  [[nodiscard]] std::vector<BufferFill> fill() const override {
    std::vector<BufferFill> rings{{"lifecycle", lifecycle_->used_bytes(), lifecycle_->bytes()}};
    if (bulk_) {
      rings.push_back({"bulk", bulk_->used_bytes(), bulk_->bytes()});
    }
    return rings;
  }

 private:
  std::size_t hand_over(std::size_t most, const RecordHandler& handle) {
    std::size_t count = 0;
    for (RingReader* ring = nullptr; count < most && (ring = next()) != nullptr; ++count) {
      handle(ring->record());
      ring->pop();
    }
    return count;
  }

  [[nodiscard]] RingReader* next() {
    if (bulk_) {
      return earlier_of(*lifecycle_, *bulk_);
    }
    return lifecycle_->peek() == RingHead::ready ? &*lifecycle_ : nullptr;
  }

  // False when there was nothing to give back: then the last look at the rings was after the last barrier. The kernel
  // does the same from its side: makes a record readable, has a full barrier, looks at the consumer position. So one of
  // the two sees the other.
  bool release() {
    const bool lifecycle_moved = lifecycle_->release();
    const bool bulk_moved = bulk_ && bulk_->release();
    if (!lifecycle_moved && !bulk_moved) {
      return false;
    }
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return true;
  }

  [[nodiscard]] Status watch(int operation) {
    for (const int ring : {fds_.lifecycle, fds_.bulk}) {
      epoll_event event{.events = EPOLLIN, .data = {.fd = ring}};
      if (ring >= 0 && ::epoll_ctl(epoll_.get(), operation, ring, &event) != 0) {
        return fail_errno("cannot watch the ring buffer", errno);
      }
    }
    return {};
  }

  RingFds fds_{};
  UniqueFd epoll_;
  MappedRing lifecycle_memory_;
  MappedRing bulk_memory_;
  std::optional<RingReader> lifecycle_;
  std::optional<RingReader> bulk_;
};

}  // namespace

Result<std::unique_ptr<Transport>> make_ring_transport(RingFds fds) {
  auto transport = std::make_unique<RingTransport>();
  if (Status opened = transport->open(fds); !opened) {
    return tl::make_unexpected(opened.error());
  }
  return transport;
}

}  // namespace bongsu
