// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as what a server answers: to an attempt of two alerts over a real connection, and to a second one over what
// is left of it. Nothing may crash or hang, and nothing counts as delivered unless the server said 2xx.
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "fuzz/support.h"
#include "sinks/http_channel.h"

namespace {

using bongsu::UniqueFd;

class Format final : public bongsu::PayloadFormat {
 public:
  [[nodiscard]] std::string_view content_type() const override { return "application/json"; }
  [[nodiscard]] bool needs_answer() const override { return true; }
  [[nodiscard]] std::string body(bongsu::Alerts /*alerts*/) override { return "[]"; }
};

// Answers every request with the bytes, and closes.
class Server {
 public:
  explicit Server(std::string_view bytes) : bytes_(bytes), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_.get(), 8) != 0 ||
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void serve() {
    while (true) {
      const UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connection) {
        return;
      }
      char block[4096];
      if (::recv(connection.get(), block, sizeof block, 0) > 0) {
        static_cast<void>(::send(connection.get(), bytes_.data(), bytes_.size(), MSG_NOSIGNAL));
        ::shutdown(connection.get(), SHUT_WR);
        while (::recv(connection.get(), block, sizeof block, 0) > 0) {
        }
      }
    }
  }

  const std::string_view bytes_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

bool says_good(std::string_view bytes) {
  for (const std::string_view version : {"HTTP/1.0 2", "HTTP/1.1 2"}) {
    if (bytes.find(version) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::signal(SIGPIPE, SIG_IGN);  // as the program does
  bongsu::fuzz::restart_interrupted_calls();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Server server(bytes);
  const bongsu::SystemClock clock;
  bongsu::HttpChannel::Options options;
  options.peer.host = "127.0.0.1";
  options.peer.port = server.port();
  options.peer.timeout = std::chrono::seconds(2);
  options.format = std::make_unique<Format>();
  auto channel = bongsu::HttpChannel::make(std::move(options), clock);
  if (!channel) {
    std::abort();
  }
  const std::vector<std::shared_ptr<const bongsu::Alert>> alerts(2, std::make_shared<bongsu::Alert>());
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto begun = std::chrono::steady_clock::now();
    const bongsu::Attempt made = (*channel)->send(alerts);
    if (made.outcome == bongsu::Attempt::Outcome::delivered && !says_good(bytes)) {
      std::abort();
    }
    if (std::chrono::steady_clock::now() - begun > std::chrono::seconds(10)) {
      std::abort();
    }
  }
  return 0;
}
