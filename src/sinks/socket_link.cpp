// SPDX-License-Identifier: Apache-2.0
#include "sinks/socket_link.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace bongsu {
namespace {

using std::chrono::milliseconds;

// Between two looks at how much is on its way, which nothing in the kernel reports: the first ones are for servers
// near by, which take microseconds.
constexpr milliseconds kFirstLook{1};
constexpr milliseconds kLastLook{20};

// Of what the other side says at once, before it counts as broken: a server of these protocols says nothing.
constexpr int kMostBlocks = 16;

int milliseconds_to(SocketLink::Until until) {
  const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

int error_of(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace

Result<std::unique_ptr<SocketLink>> SocketLink::connect(const sockaddr& address, socklen_t size, int type,
                                                        const Interrupter& interrupter, Until until) {
  UniqueFd socket(::socket(address.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) {
    return fail_errno("socket", errno);
  }
  const bool connected = ::connect(socket.get(), &address, size) == 0;
  // EAGAIN, of a unix socket: more wait to be accepted than may.
  if (!connected && errno != EINPROGRESS) {
    return fail(std::generic_category().message(errno));
  }
  auto link = std::make_unique<SocketLink>(std::move(socket), interrupter);
  if (!connected) {
    if (const Status writable = link->wait(POLLOUT, until); !writable) {
      return tl::make_unexpected(writable.error());
    }
    if (const int error = error_of(link->fd()); error != 0) {
      return fail(std::generic_category().message(error));
    }
  }
  return link;
}

Status SocketLink::wait(short events, Until until) {
  while (true) {
    std::array<pollfd, 2> ready{{{socket_.get(), events, 0}, {interrupter_.fd(), POLLIN, 0}}};
    const int count = ::poll(ready.data(), ready.size(), milliseconds_to(until));
    if (count < 0 && errno != EINTR) {
      return fail_errno("poll", errno);
    }
    if (ready[1].revents != 0) {
      return fail("");
    }
    if (ready[0].revents != 0) {
      return {};  // an error shows with what is done next
    }
    if (std::chrono::steady_clock::now() >= until) {
      return fail("no answer in time");
    }
  }
}

Status SocketLink::write(std::string_view bytes, Until until) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN && errno != EINTR) {
      return fail(std::generic_category().message(errno));
    } else if (const Status writable = wait(POLLOUT, until); !writable) {
      return writable.error().message.empty() ? writable : fail("it took no data in time");
    }
  }
  return {};
}

SocketLink::State SocketLink::state() {
  std::array<char, 4096> block{};
  for (int i = 0; i < kMostBlocks; ++i) {
    const ssize_t got = ::recv(socket_.get(), block.data(), block.size(), MSG_DONTWAIT);
    if (got == 0) {
      return State::closed;
    }
    if (got < 0 && errno != EINTR) {
      return errno == EAGAIN ? State::open : State::broken;
    }
  }
  return State::broken;
}

Status SocketLink::taken(Until until) {
  bool hung_up = false;
  for (milliseconds look = kFirstLook;; look = std::min(look * 2, kLastLook)) {
    int left = 0;
    if (::ioctl(socket_.get(), SIOCOUTQ, &left) != 0) {
      return fail_errno("SIOCOUTQ", errno);
    }
    // A broken connection drops what it has, which is then not on its way either; the error is there before.
    if (const int error = error_of(socket_.get()); error != 0) {
      return fail(std::generic_category().message(error));
    }
    if (left == 0) {
      return {};
    }
    if (hung_up) {
      return fail("it was closed");
    }
    if (std::chrono::steady_clock::now() >= until) {
      return fail("what was sent was not taken in time");
    }
    // POLLERR and POLLHUP come unasked; POLLIN would come at once where the other side has said something.
    std::array<pollfd, 2> ready{{{socket_.get(), 0, 0}, {interrupter_.fd(), POLLIN, 0}}};
    ::poll(ready.data(), ready.size(), std::min(milliseconds_to(until), static_cast<int>(look.count())));
    if (ready[1].revents != 0) {
      return fail("");
    }
    hung_up = ready[0].revents != 0;  // perhaps after it has read all: one more look
  }
}

}  // namespace bongsu
