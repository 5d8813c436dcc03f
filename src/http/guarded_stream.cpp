// SPDX-License-Identifier: Apache-2.0
#include "http/guarded_stream.h"

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace bongsu {
namespace {

constexpr std::string_view kStatusPrefix = "HTTP/";

}  // namespace

bool GuardedStream::wait(short events, std::chrono::milliseconds timeout) const {
  const auto most = static_cast<int>(std::min<std::int64_t>(timeout.count(), std::numeric_limits<int>::max()));
  pollfd asked{.fd = socket_, .events = events, .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&asked, 1, most);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

ssize_t GuardedStream::receive(char* data, std::size_t size) {
  if ((ssl_ == nullptr || SSL_pending(ssl_) == 0) && !wait(POLLIN, read_timeout_)) {
    return -1;
  }
  if (ssl_ != nullptr) {
    ERR_clear_error();
    const int most = static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
    const int got = SSL_read(ssl_, data, most);
    return got > 0 ? got : SSL_get_error(ssl_, got) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
  }
  ssize_t got = 0;
  do {
    got = ::recv(socket_, data, size, 0);
  } while (got < 0 && errno == EINTR);
  return got;
}

ssize_t GuardedStream::read(char* data, std::size_t size) {
  if (held() == 0) {
    const ssize_t got = receive(buffer_.data(), buffer_.size());
    if (got <= 0) {
      return got;
    }
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
  }
  const std::size_t taken = std::min(size, held());
  std::memcpy(data, buffer_.data() + begin_, taken);
  begin_ += taken;
  if (size == 1) {  // so the library reads lines
    return taken == 0 || within_line(*data) ? static_cast<ssize_t>(taken) : -1;
  }
  line_bytes_ = 0;
  lines_bytes_ = 0;
  status_prefix_ = 0;
  return static_cast<ssize_t>(taken);
}

bool GuardedStream::within_line(char next) {
  ++lines_bytes_;
  if (next == '\n') {
    line_bytes_ = 0;
    status_prefix_ = 0;
  } else {
    if (status_prefix_ == line_bytes_ && line_bytes_ < kStatusPrefix.size() && next == kStatusPrefix[line_bytes_]) {
      ++status_prefix_;
    }
    ++line_bytes_;
  }
  const bool status_line = status_prefix_ == kStatusPrefix.size();
  return lines_bytes_ <= kMaxHeadBytes && line_bytes_ <= (status_line ? kMaxStatusLineBytes : kMaxLineBytes);
}

ssize_t GuardedStream::write(const char* data, std::size_t size) {
  if (!took_all_) {
    return static_cast<ssize_t>(size);
  }
  if (!is_writable()) {
    return -1;
  }
  ssize_t sent = 0;
  if (ssl_ != nullptr) {
    ERR_clear_error();
    sent = SSL_write(ssl_, data, static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max())));
    if (sent <= 0 && SSL_get_error(ssl_, static_cast<int>(sent)) == SSL_ERROR_WANT_WRITE) {
      return -1;  // SO_SNDTIMEO
    }
  } else {
    do {
      sent = ::send(socket_, data, size, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno == EAGAIN) {
      return -1;
    }
  }
  if (sent > 0) {
    return sent;
  }
  // It takes no more. It may have said why, and the library looks only after it has written all.
  took_all_ = false;
  return static_cast<ssize_t>(size);
}

bool GuardedStream::reusable() const { return took_all_ && held() == 0; }

}  // namespace bongsu
