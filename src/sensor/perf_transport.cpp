// SPDX-License-Identifier: Apache-2.0
//
// One buffer a CPU and map means no common order: records are held until every record that could come before them must
// have been read, then handed over by their time.
#include <bpf/libbpf.h>
#include <sys/epoll.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "sensor/transport.h"

namespace bongsu {
namespace {

// A record is stamped when it is begun and visible once it is written. What was stamped this long before a pass over
// all buffers began is read by the end of that pass.
constexpr std::int64_t kSettleNs = 2'000'000;
constexpr int kHoldMs = 3;

struct FreePerfBuffer {
  void operator()(perf_buffer* buffer) const { perf_buffer__free(buffer); }
};
using PerfBuffer = std::unique_ptr<perf_buffer, FreePerfBuffer>;

class PerfTransport final : public Transport {
 public:
  explicit PerfTransport(const Clock& clock) : clock_(clock) {}

  [[nodiscard]] Status open(RingFds fds, BufferBytes bytes) {
    lost_.resize(static_cast<std::size_t>(std::max(1, libbpf_num_possible_cpus())));
    epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_) {
      return fail_errno("cannot make an epoll descriptor", errno);
    }
    if (Status opened = open_one(lifecycle_, fds.lifecycle, bytes.lifecycle); !opened || fds.bulk < 0) {
      return opened;
    }
    return open_one(bulk_, fds.bulk, bytes.bulk);
  }

  [[nodiscard]] int fd() const override { return epoll_.get(); }

  std::size_t consume(const RecordHandler& handle) override {
    const std::int64_t settled = clock_.boot_ns() - kSettleNs;
    read_all();
    return release(settled, handle);
  }

  std::size_t take(const RecordHandler& handle) override { return consume(handle); }
  [[nodiscard]] std::int64_t longest_nap_ns() const override { return 0; }

  std::size_t drain(const RecordHandler& handle) override {
    read_all();
    return release(INT64_MAX, handle);
  }

  [[nodiscard]] int hold_ms() const override { return held_.empty() ? -1 : kHoldMs; }

  [[nodiscard]] std::vector<CpuLoss> lost_per_cpu() const override {
    std::vector<CpuLoss> losses;
    for (std::size_t cpu = 0; cpu < lost_.size(); ++cpu) {
      if (lost_[cpu] != 0) {
        losses.push_back({static_cast<int>(cpu), lost_[cpu]});
      }
    }
    return losses;
  }

  [[nodiscard]] std::vector<BufferFill> fill() const override { return {}; }

 private:
  struct Held {
    std::uint64_t time_ns;
    std::size_t begin;  // in words of arena_
    std::size_t size;   // in bytes
  };

  [[nodiscard]] Status open_one(PerfBuffer& buffer, int map_fd, std::uint64_t bytes) {
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const auto cpus = static_cast<std::uint64_t>(std::max(1, ::get_nprocs()));
    const std::uint64_t pages = std::bit_floor(std::max<std::uint64_t>(1, bytes / cpus / page));
    buffer.reset(perf_buffer__new(map_fd, pages, &PerfTransport::on_sample, &PerfTransport::on_lost, this, nullptr));
    if (!buffer) {
      return fail_errno("cannot map the perf buffer", errno);
    }
    epoll_event event{.events = EPOLLIN, .data = {.fd = map_fd}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, perf_buffer__epoll_fd(buffer.get()), &event) != 0) {
      return fail_errno("cannot watch the perf buffer", errno);
    }
    return {};
  }

  void read_all() {
    perf_buffer__consume(lifecycle_.get());
    if (bulk_) {
      perf_buffer__consume(bulk_.get());
    }
  }

  static void on_sample(void* context, int /*cpu*/, void* data, std::uint32_t size) {
    static_cast<PerfTransport*>(context)->keep(data, size);
  }

  // The kernel side counts each record that found no room itself, by event; this is the same loss seen from the other
  // end, by CPU.
  static void on_lost(void* context, int cpu, unsigned long long count) {
    auto& lost = static_cast<PerfTransport*>(context)->lost_;
    if (std::cmp_less(cpu, lost.size())) {
      lost[static_cast<std::size_t>(cpu)] += count;
    }
  }

  void keep(const void* data, std::size_t size) {
    if (size < sizeof(bongsu_header)) {
      return;  // no probe writes such
    }
    const std::size_t begin = arena_.size();
    arena_.resize(begin + (size + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t));
    std::memcpy(&arena_[begin], data, size);
    // The raw sample is padded: the record's own size is the one that counts.
    bongsu_header header{};
    std::memcpy(&header, data, sizeof(header));
    held_.push_back({header.time_ns, begin, std::min<std::size_t>(size, header.size)});
  }

  std::size_t release(std::int64_t settled_ns, const RecordHandler& handle) {
    std::stable_sort(held_.begin(), held_.end(), [](const Held& a, const Held& b) { return a.time_ns < b.time_ns; });
    std::size_t count = 0;
    for (; count < held_.size() && std::cmp_less_equal(held_[count].time_ns, settled_ns); ++count) {
      handle({reinterpret_cast<const std::byte*>(&arena_[held_[count].begin]), held_[count].size});
    }
    forget(count);
    return count;
  }

  // Drops the first `count`; what stays is moved to the front of an arena of its own size, so memory follows what is
  // held. What can be held is bounded by the buffers: one pass reads each of them at most once.
  void forget(std::size_t count) {
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(count));
    spare_.clear();
    for (Held& held : held_) {
      const std::size_t words = (held.size + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
      const auto from = arena_.begin() + static_cast<std::ptrdiff_t>(held.begin);
      held.begin = spare_.size();
      spare_.insert(spare_.end(), from, from + static_cast<std::ptrdiff_t>(words));
    }
    arena_.swap(spare_);
  }

  const Clock& clock_;
  UniqueFd epoll_;
  PerfBuffer lifecycle_;
  PerfBuffer bulk_;
  std::vector<std::uint64_t> lost_;   // records, by CPU
  std::vector<std::uint64_t> arena_;  // records, 8-byte aligned
  std::vector<std::uint64_t> spare_;
  std::vector<Held> held_;
};

}  // namespace

Result<std::unique_ptr<Transport>> make_perf_transport(RingFds fds, BufferBytes bytes, const Clock& clock) {
  auto transport = std::make_unique<PerfTransport>(clock);
  if (Status opened = transport->open(fds, bytes); !opened) {
    return tl::make_unexpected(opened.error());
  }
  return transport;
}

}  // namespace bongsu
