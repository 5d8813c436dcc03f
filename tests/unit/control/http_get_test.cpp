// SPDX-License-Identifier: Apache-2.0
#include "control/http_get.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "base/unique_fd.h"
#include "control/server.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;

TEST(HttpGet, BringsStatusAndBody) {
  const auto server = ControlServer::bind(
      "127.0.0.1", 0, {.ready = [] { return fail("not yet"); }, .metrics = [] { return std::vector<MetricFamily>(); }});
  ASSERT_TRUE(server) << server.error().to_string();
  ASSERT_TRUE((*server)->serve());
  const auto ready = http_get("127.0.0.1", (*server)->port(), "/readyz", milliseconds(20'000));
  ASSERT_TRUE(ready) << ready.error().to_string();
  EXPECT_EQ(ready->status, 503);
  EXPECT_EQ(ready->body, "not yet\n");
}

class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  void listen() const { EXPECT_EQ(::listen(socket_.get(), 1), 0); }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  UniqueFd socket_;
  std::uint16_t port_ = 0;
};

TEST(HttpGet, SaysWhyThereIsNoAnswer) {
  const Listener listener;
  const auto refused = http_get("127.0.0.1", listener.port(), "/readyz", milliseconds(20'000));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().to_string(), "nobody answers there");
  listener.listen();
  const auto silent = http_get("127.0.0.1", listener.port(), "/readyz", milliseconds(50));
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().to_string(), "no answer in time, or the connection was closed");
}

}  // namespace
}  // namespace bongsu
