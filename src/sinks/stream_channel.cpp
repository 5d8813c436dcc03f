// SPDX-License-Identifier: Apache-2.0
#include "sinks/stream_channel.h"

#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace bongsu {

Result<std::unique_ptr<StreamChannel>> StreamChannel::make(int fd, Form form) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) {
    return fail_errno("cannot write alerts to descriptor " + std::to_string(fd), errno);
  }
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) {
    return fail_errno("eventfd", errno);
  }
  return std::unique_ptr<StreamChannel>(new StreamChannel(fd, form, S_ISSOCK(status.st_mode), std::move(wake)));
}

StreamChannel::StreamChannel(int fd, Form form, bool is_socket, UniqueFd wake)
    : fd_(fd), form_(form), is_socket_(is_socket), wake_(std::move(wake)) {}

void StreamChannel::load(Alerts alerts) {
  if (alerts.front()->id == id_) {
    return;
  }
  id_ = alerts.front()->id;
  // A line that broke off half-way, and was given up, must not swallow the next one.
  const bool torn = written_ != 0 && written_ != buffer_.size();
  buffer_ = torn ? "\n" : "";
  for (const auto& alert : alerts) {
    buffer_ += form_ == Form::text && !alert->text.empty() ? alert->text : alert->json;
    buffer_ += '\n';
  }
  written_ = 0;
}

Attempt StreamChannel::send(Alerts alerts) {
  load(alerts);
  while (written_ < buffer_.size()) {
    std::array<pollfd, 2> ready{{{fd_, POLLOUT, 0}, {wake_.get(), POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) {
      return failed(errno);
    }
    if (ready[1].revents != 0) {
      return Attempt::retry("");
    }
    // A pipe that polls writable takes PIPE_BUF bytes without blocking (pipe(7)): so a reader that has stopped stops
    // poll(), which can be interrupted, and not write(), which cannot.
    const std::size_t size = std::min<std::size_t>(buffer_.size() - written_, PIPE_BUF);
    const char* const from = buffer_.data() + written_;
    const ssize_t wrote = is_socket_ ? ::send(fd_, from, size, MSG_DONTWAIT | MSG_NOSIGNAL) : ::write(fd_, from, size);
    if (wrote >= 0) {
      written_ += static_cast<std::size_t>(wrote);
    } else if (errno != EAGAIN && errno != EINTR) {
      return failed(errno);
    }
  }
  return {};
}

Attempt StreamChannel::failed(int error_number) {
  std::string reason = "writing failed: " + std::generic_category().message(error_number);
  if (error_number == EPIPE || error_number == ECONNRESET) {
    reason = "nobody reads it any more: " + std::generic_category().message(error_number);
  }
  // A full disk may have room again; anything else stays as it is.
  const bool passing =
      error_number == ENOSPC || error_number == EDQUOT || error_number == EIO || error_number == ENOMEM;
  return passing ? Attempt::retry(std::move(reason)) : Attempt::rejected(std::move(reason));
}

void StreamChannel::interrupt() {
  const std::uint64_t one = 1;
  // It cannot fail: the counter is far from its end.
  [[maybe_unused]] const ssize_t wrote = ::write(wake_.get(), &one, sizeof one);
}

}  // namespace bongsu
