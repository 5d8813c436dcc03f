// SPDX-License-Identifier: Apache-2.0
//
// Real servers on loopback for the webhook's tests: one that speaks HTTP properly, and one that does to a connection
// whatever a test wants.
#pragma once

#include <arpa/inet.h>
#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace bongsu {

// Takes POSTs, remembers them, and answers what the test says for each (200 when it says nothing).
class Receiver {
 public:
  using Answer = std::function<void(std::size_t index, const httplib::Request&, httplib::Response&)>;

  explicit Receiver(Answer answer = nullptr, std::unique_ptr<httplib::Server> server = nullptr, int port = 0)
      : answer_(std::move(answer)), server_(server ? std::move(server) : std::make_unique<httplib::Server>()) {
    server_->Post(".*", [this](const httplib::Request& request, httplib::Response& response) {
      std::size_t index = 0;
      {
        const std::lock_guard lock(mutex_);
        index = requests_.size();
        requests_.push_back(request);
      }
      if (answer_) {
        answer_(index, request, response);
      }
    });
    server_->set_keep_alive_timeout(1);  // its destructor waits for connections that clients keep
    if (port == 0) {
      port_ = server_->bind_to_any_port("127.0.0.1");
    } else if (server_->bind_to_port("127.0.0.1", port)) {
      port_ = port;
    }
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    while (port_ > 0 && !server_->is_running()) {
      std::this_thread::yield();
    }
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  ~Receiver() {
    server_->stop();
    thread_.join();
  }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::vector<httplib::Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  Answer answer_;
  std::unique_ptr<httplib::Server> server_;
  int port_ = -1;
  mutable std::mutex mutex_;
  std::vector<httplib::Request> requests_;
  std::thread thread_;
};

// Hands each connection to the test, which owns it; the index counts them.
class RawServer {
 public:
  using Serve = std::function<void(std::size_t index, UniqueFd connection)>;

  explicit RawServer(Serve serve)
      : serve_(std::move(serve)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0 &&
        ::listen(listener_.get(), 16) == 0 &&
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0) {
      port_ = ntohs(address.sin_port);
    }
    thread_ = std::thread([this] {
      for (std::size_t index = 0;; ++index) {
        UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!connection) {
          return;
        }
        ++connections_;
        serve_(index, std::move(connection));
      }
    });
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::size_t connections() const { return connections_; }

  // Reads a request's head and as much as came with it.
  static std::string read_head(int connection) {
    std::string head;
    char block[4096];
    while (head.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = ::recv(connection, block, sizeof block, 0);
      if (got <= 0) {
        break;
      }
      head.append(block, static_cast<std::size_t>(got));
    }
    return head;
  }
  static void write(int connection, const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t wrote = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (wrote <= 0) {
        return;
      }
      sent += static_cast<std::size_t>(wrote);
    }
  }

 private:
  Serve serve_;
  UniqueFd listener_;
  int port_ = 0;
  std::atomic<std::size_t> connections_ = 0;
  std::thread thread_;
};

}  // namespace bongsu
