// SPDX-License-Identifier: Apache-2.0
#include "http/tunnel.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <limits>
#include <string_view>

namespace bongsu {
namespace {

using Time = std::chrono::steady_clock::time_point;

constexpr std::size_t kMaxAnswerBytes = std::size_t{16} << 10;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

bool wait(int socket, short events, Time deadline) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) {
      return false;
    }
    pollfd asked{.fd = socket, .events = events, .revents = 0};
    const int ready =
        ::poll(&asked, 1, static_cast<int>(std::min<std::int64_t>(left, std::numeric_limits<int>::max())));
    if (ready > 0) {
      return true;
    }
    if (ready < 0 && errno != EINTR) {
      return false;
    }
  }
}

Status write_all(int socket, std::string_view text, Time deadline) {
  while (!text.empty()) {
    if (!wait(socket, POLLOUT, deadline)) {
      return fail("did not answer in time");
    }
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
    } else if (sent < 0 && errno != EINTR && errno != EAGAIN) {
      return fail("closed the connection");
    }
  }
  return {};
}

// The head, and nothing of what comes after it: each look takes what is there away only up to its end.
Result<std::string> read_head(int socket, Time deadline) {
  std::string head;
  std::array<char, 2048> block{};
  while (head.size() < kMaxAnswerBytes) {
    if (!wait(socket, POLLIN, deadline)) {
      return fail("did not answer in time");
    }
    const ssize_t seen = ::recv(socket, block.data(), block.size(), MSG_PEEK | MSG_DONTWAIT);
    if (seen < 0 && (errno == EINTR || errno == EAGAIN)) {
      continue;
    }
    if (seen <= 0) {
      return fail("closed the connection");
    }
    const std::size_t before = head.size();
    head.append(block.data(), static_cast<std::size_t>(seen));
    const std::size_t end = head.find(kHeadEnd, before < kHeadEnd.size() ? 0 : before - kHeadEnd.size());
    if (end != std::string::npos) {
      head.resize(end + kHeadEnd.size());
    }
    if (::recv(socket, block.data(), head.size() - before, MSG_DONTWAIT) < 0) {
      return fail("closed the connection");
    }
    if (end != std::string::npos) {
      return head;
    }
  }
  return fail("sent more than an answer to CONNECT");
}

// "HTTP/1.1 200 ..."; 0: it is no such line.
int status_of(std::string_view head) {
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr std::size_t kStatusAt = 9;
  int status = 0;
  if (head.starts_with(kVersion) && head.size() > kStatusAt + 3 && head[kStatusAt - 1] == ' ') {
    std::from_chars(head.data() + kStatusAt, head.data() + kStatusAt + 3, status);
  }
  return status;
}

}  // namespace

Status open_tunnel(int socket, const std::string& authority, const std::string& authorization, Time deadline) {
  std::string request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  if (!authorization.empty()) {
    request += "Proxy-Authorization: " + authorization + "\r\n";
  }
  request += "\r\n";
  if (auto sent = write_all(socket, request, deadline); !sent) {
    return sent;
  }
  const auto head = read_head(socket, deadline);
  if (!head) {
    return tl::make_unexpected(head.error());
  }
  const int status = status_of(*head);
  if (status >= 200 && status < 300) {
    return {};
  }
  if (status == 407) {
    return fail("answered 407: it wants a user and a password, or others");
  }
  return fail(status == 0 ? "gave no HTTP answer" : "answered " + std::to_string(status));
}

}  // namespace bongsu
