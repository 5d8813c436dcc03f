// SPDX-License-Identifier: Apache-2.0
#include "control/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace bongsu {
namespace {

bool later() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

short Connection::waits_for() const { return answer_ != nullptr && !answered() ? POLLOUT : POLLIN; }

bool Connection::advance(const Answer& answer, Time now) {
  if (answer_ == nullptr && !read(answer, now)) {
    return false;
  }
  if (answer_ == nullptr) {
    return true;
  }
  if (!answered() && !write()) {
    return false;
  }
  return !answered() || discard();
}

bool Connection::read(const Answer& answer, Time now) {
  std::array<char, 2048> bytes{};
  while (answer_ == nullptr) {
    const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (count < 0) {
      return later();
    }
    head_.append(bytes.data(), static_cast<std::size_t>(count));
    const RequestHead head = parse_request_head(head_);
    if (head.state != RequestHead::State::incomplete) {
      answer_ = answer(head);
      deadline_ = now + kAnswerTime;
      head_.clear();
    } else if (count == 0) {
      return false;
    }
  }
  return true;
}

bool Connection::write() {
  const std::string_view rest = std::string_view(*answer_).substr(sent_);
  const ssize_t count = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
  if (count < 0) {
    return later();
  }
  sent_ += static_cast<std::size_t>(count);
  if (answered()) {
    ::shutdown(socket_.get(), SHUT_WR);
  }
  return true;
}

// Closed with unread bytes (a body) in it, a connection is reset, and the answer may be lost on its way (RFC
// 9112, 9.6).
bool Connection::discard() {
  constexpr int kMostReads = 16;  // of one call: others wait
  std::array<char, 4096> bytes{};
  for (int i = 0; i < kMostReads; ++i) {
    const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (count <= 0) {
      return count < 0 && later();
    }
  }
  return true;
}

}  // namespace bongsu
