// SPDX-License-Identifier: Apache-2.0
//
// Lines to a descriptor in few writes. Blocks while the reader is slow, and remembers when it went away.
#pragma once

#include <unistd.h>
#include <cerrno>
#include <string>
#include <system_error>

namespace bongsu {

class LineWriter {
 public:
  explicit LineWriter(int fd) : fd_(fd) {}

  [[nodiscard]] std::string& buffer() { return buffer_; }  // whole lines are appended here
  [[nodiscard]] bool broken() const { return error_ != 0; }
  [[nodiscard]] std::string why() const { return std::generic_category().message(error_); }

  void flush_if_full() {
    constexpr std::size_t kFull = std::size_t{64} * 1024;
    if (buffer_.size() >= kFull) {
      flush();
    }
  }

  void flush() {
    std::size_t done = 0;
    while (error_ == 0 && done < buffer_.size()) {
      const ssize_t wrote = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
      if (wrote >= 0) {
        done += static_cast<std::size_t>(wrote);
      } else if (errno != EINTR) {
        error_ = errno;
      }
    }
    buffer_.clear();
  }

 private:
  int fd_;
  int error_ = 0;
  std::string buffer_;
};

}  // namespace bongsu
