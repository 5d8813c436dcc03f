// SPDX-License-Identifier: Apache-2.0
//
// Lines to a descriptor in few writes. Waits while the reader is slow, but never longer than its owner wants to go on,
// and remembers when the reader went away.
#pragma once

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <string>
#include <system_error>
#include <utility>

namespace bongsu {

class LineWriter {
 public:
  // `give_up()` is asked now and then while the reader is slow.
  LineWriter(int fd, std::function<bool()> give_up) : fd_(fd), give_up_(std::move(give_up)) {}

  [[nodiscard]] std::string& buffer() { return buffer_; }  // whole lines are appended here
  [[nodiscard]] bool broken() const { return error_ != 0; }
  [[nodiscard]] std::string why() const { return std::generic_category().message(error_); }
  [[nodiscard]] std::size_t dropped_bytes() const { return dropped_bytes_; }  // given up

  void flush_if_full() {
    constexpr std::size_t kFull = std::size_t{64} * 1024;
    if (buffer_.size() >= kFull) {
      flush();
    }
  }

  void flush() {
    std::size_t done = 0;
    while (error_ == 0 && done < buffer_.size() && wait_for_room()) {
      // A pipe that polls writable takes this much without blocking (PIPE_BUF, pipe(7)).
      constexpr std::size_t kMostAtOnce = 4096;
      const ssize_t wrote = ::write(fd_, buffer_.data() + done, std::min(buffer_.size() - done, kMostAtOnce));
      if (wrote >= 0) {
        done += static_cast<std::size_t>(wrote);
      } else if (errno != EINTR && errno != EAGAIN) {
        error_ = errno;
      }
    }
    dropped_bytes_ += buffer_.size() - done;
    buffer_.clear();
  }

 private:
  bool wait_for_room() {
    constexpr int kAskAgainMs = 100;
    pollfd out{fd_, POLLOUT, 0};
    while (::poll(&out, 1, kAskAgainMs) == 0) {
      if (give_up_()) {
        return false;
      }
    }
    return true;
  }

  int fd_;
  std::function<bool()> give_up_;
  int error_ = 0;
  std::size_t dropped_bytes_ = 0;
  std::string buffer_;
};

}  // namespace bongsu
