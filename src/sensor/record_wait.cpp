// SPDX-License-Identifier: Apache-2.0
#include "sensor/record_wait.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <limits>
#include <span>

namespace bongsu {
namespace {

constexpr std::int64_t kMillisecondNs = 1'000'000;
constexpr std::int64_t kSecondNs = 1'000'000'000;

std::int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Status wait(std::span<pollfd> fds, std::int64_t wait_ns) {
  const timespec limit{.tv_sec = wait_ns / kSecondNs, .tv_nsec = wait_ns % kSecondNs};
  if (::ppoll(fds.data(), fds.size(), wait_ns < 0 ? nullptr : &limit, nullptr) < 0 && errno != EINTR) {
    return fail_errno("waiting for events failed", errno);
  }
  return {};
}

}  // namespace

Result<RecordWait::Woken> RecordWait::nap(std::int64_t left_ns, int wake_fd) {
  ++naps_;
  std::array<pollfd, 1> fds{{{wake_fd, POLLIN, 0}}};
  const std::int64_t wait_ns = left_ns < 0 ? nap_ns_ : std::min(nap_ns_, left_ns);
  if (Status waited = wait(fds, wait_ns); !waited) {
    return tl::make_unexpected(waited.error());
  }
  return fds[0].revents != 0 ? Woken::yes : Woken::no;
}

Result<RecordWait::Woken> RecordWait::sleep(const Transport& transport, std::int64_t left_ns, int wake_fd) {
  ++sleeps_;
  std::array<pollfd, 2> fds{{{wake_fd, POLLIN, 0}, {transport.fd(), POLLIN, 0}}};
  if (Status waited = wait(fds, left_ns); !waited) {
    return tl::make_unexpected(waited.error());
  }
  return fds[0].revents != 0 ? Woken::yes : Woken::no;
}

void RecordWait::came(std::size_t count, std::int64_t longest_ns) {
  const std::int64_t now_ns = monotonic_ns();
  pace_ns_ = now_ns - last_came_ns_ < kLongestNs ? std::min(std::max(2 * pace_ns_, kShortestNs), longest_ns)
                                                 : std::min(kShortestNs, longest_ns);
  nap_ns_ = count < Transport::kMostAtOnce ? pace_ns_ : 0;
  last_came_ns_ = now_ns;
  in_vain_ = 0;
  asleep_ = longest_ns == 0;
}

Result<std::size_t> RecordWait::poll(Transport& transport, int timeout_ms, int wake_fd, const RecordHandler& handle) {
  const std::int64_t longest_ns = std::min(kLongestNs, transport.longest_nap_ns());
  const std::int64_t timeout_ns = timeout_ms * kMillisecondNs;
  const std::int64_t deadline_ns =
      timeout_ms < 0 ? std::numeric_limits<std::int64_t>::max() : monotonic_ns() + timeout_ns;
  std::int64_t left_ns = timeout_ms < 0 ? -1 : timeout_ns;
  for (;;) {
    const Result<Woken> woken = asleep_ ? sleep(transport, left_ns, wake_fd) : nap(left_ns, wake_fd);
    if (!woken) {
      return tl::make_unexpected(woken.error());
    }
    std::size_t count = longest_ns == 0 ? transport.consume(handle) : transport.take(handle);
    if (count == 0 && (asleep_ || ++in_vain_ >= kInVain)) {
      count = transport.consume(handle);
      asleep_ = count == 0;
    }
    if (count > 0) {
      came(count, longest_ns);
      return count;
    }
    if (timeout_ms >= 0) {
      left_ns = std::max<std::int64_t>(0, deadline_ns - monotonic_ns());
    }
    if (*woken == Woken::yes || left_ns == 0) {
      return count;
    }
  }
}

}  // namespace bongsu
