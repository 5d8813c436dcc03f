// SPDX-License-Identifier: Apache-2.0
//
// A proxy that leads every CONNECT to one port of loopback, one connection at a time.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <mutex>
#include <string>
#include <vector>

#include "support/receivers.h"

namespace bongsu {

class ConnectProxy {
 public:
  explicit ConnectProxy(int target_port)
      : target_port_(target_port), server_([this](std::size_t, UniqueFd connection) { serve(connection.get()); }) {}

  [[nodiscard]] int port() const { return server_.port(); }
  [[nodiscard]] std::vector<std::string> heads() const {
    const std::lock_guard lock(mutex_);
    return heads_;
  }

 private:
  void serve(int client) {
    const std::string head = RawServer::read_head(client);
    {
      const std::lock_guard lock(mutex_);
      heads_.push_back(head);
    }
    const UniqueFd target(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(target_port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!head.starts_with("CONNECT ") ||
        ::connect(target.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      RawServer::write(client, "HTTP/1.1 502 Bad Gateway\r\n\r\n");
      return;
    }
    RawServer::write(client, "HTTP/1.1 200 Connection established\r\nX-Proxy: test\r\n\r\n");
    while (pass(client, target.get())) {
    }
  }

  // What one of them has said, to the other; false: one has ended.
  static bool pass(int client, int target) {
    pollfd both[] = {{.fd = client, .events = POLLIN, .revents = 0}, {.fd = target, .events = POLLIN, .revents = 0}};
    if (::poll(both, 2, -1) < 0) {
      return false;
    }
    for (const int side : {0, 1}) {
      char block[4096];
      if (both[side].revents != 0) {
        const ssize_t got = ::recv(both[side].fd, block, sizeof block, 0);
        if (got <= 0) {
          return false;
        }
        RawServer::write(both[1 - side].fd, std::string(block, static_cast<std::size_t>(got)));
      }
    }
    return true;
  }

  const int target_port_;
  mutable std::mutex mutex_;
  std::vector<std::string> heads_;
  RawServer server_;  // last: its thread uses the others
};

}  // namespace bongsu
