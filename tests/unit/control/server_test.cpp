// SPDX-License-Identifier: Apache-2.0
#include "control/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/unique_fd.h"

namespace bongsu {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Control : public testing::Test {
 protected:
  void start() {
    auto bound = ControlServer::bind("127.0.0.1", 0, answers());
    ASSERT_TRUE(bound) << bound.error().to_string();
    server_ = *std::move(bound);
    const auto status = server_->serve();
    ASSERT_TRUE(status) << status.error().to_string();
  }
  ControlServer::Answers answers() {
    return {[this] { return ready_ ? Status() : fail("not attached", "wait"); },
            [] {
              MetricFamily up{"bongsu_up", "Up.", MetricFamily::Type::gauge, {}};
              up.add(1.0);
              return std::vector{up};
            }};
  }
  httplib::Client client() { return httplib::Client("127.0.0.1", server_->port()); }

  std::atomic<bool> ready_ = true;
  std::unique_ptr<ControlServer> server_;
};

TEST_F(Control, AnswersItsThreePathsAndNoOther) {
  start();
  EXPECT_EQ(server_->address(), "127.0.0.1:" + std::to_string(server_->port()));
  auto http = client();
  const auto health = http.Get("/healthz");
  ASSERT_TRUE(health);
  EXPECT_EQ(health->status, 200);
  EXPECT_EQ(health->body, "ok\n");
  const auto metrics = http.Get("/metrics");
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->get_header_value("Content-Type"), std::string(kPrometheusContentType));
  EXPECT_THAT(metrics->body, HasSubstr("\nbongsu_up 1\n"));
  const auto head = http.Head("/metrics");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->body, "");
  for (const char* path : {"/", "/healthz/", "/metricsx", "/../etc/passwd", "/%2e%2e/etc/passwd"}) {
    const auto other = http.Get(path);
    ASSERT_TRUE(other) << path;
    EXPECT_EQ(other->status, 404) << path;
  }
}

TEST_F(Control, ReadinessFollowsTheCallback) {
  start();
  EXPECT_EQ(client().Get("/readyz")->status, 200);
  ready_ = false;
  const auto unready = client().Get("/readyz");
  EXPECT_EQ(unready->status, 503);
  EXPECT_EQ(unready->body, "not attached: wait\n");
  ready_ = true;
  EXPECT_EQ(client().Get("/readyz")->status, 200);
}

TEST_F(Control, OnlyReads) {
  start();
  for (const auto& result : {client().Post("/metrics", "x", "text/plain"), client().Put("/healthz", "x", "text/plain"),
                             client().Delete("/readyz"), client().Options("/metrics")}) {
    ASSERT_TRUE(result);
    EXPECT_EQ(result->status, 405);
    EXPECT_EQ(result->get_header_value("Allow"), "GET, HEAD");
  }
}

TEST_F(Control, OneRequestAConnection) {
  start();
  auto http = client();
  http.set_keep_alive(true);
  const auto first = http.Get("/healthz");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->get_header_value("Connection"), "close");
}

TEST_F(Control, APortInUseIsAClearErrorBeforeAnyThread) {
  start();
  const auto second = ControlServer::bind("127.0.0.1", server_->port(), answers());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().to_string(),
            "cannot listen on " + server_->address() +
                ": Address already in use: choose another address with --listen or http.listen, or \"off\"");
  const auto elsewhere = ControlServer::bind("192.0.2.1", 9464, answers());
  ASSERT_FALSE(elsewhere);
  EXPECT_THAT(elsewhere.error().to_string(),
              StartsWith("cannot listen on 192.0.2.1:9464: Cannot assign requested address"));
  const auto nowhere = ControlServer::bind("no such host", 9464, answers());
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().to_string(), StartsWith("cannot listen on no such host:9464: "));
}

TEST_F(Control, APortIsFreeAgainAfterwardsServedOrNot) {
  auto unserved = ControlServer::bind("127.0.0.1", 0, answers());
  ASSERT_TRUE(unserved);
  const std::uint16_t port = (*unserved)->port();
  unserved->reset();
  auto again = ControlServer::bind("127.0.0.1", port, answers());
  ASSERT_TRUE(again) << again.error().to_string();
  ASSERT_TRUE((*again)->serve());
  again->reset();
  EXPECT_TRUE(ControlServer::bind("127.0.0.1", port, answers()));
}

UniqueFd connect_to(std::uint16_t port) {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    socket.reset();
  }
  return socket;
}

bool is_closed(const UniqueFd& socket) {
  char byte = 0;
  return ::recv(socket.get(), &byte, 1, MSG_DONTWAIT) == 0;
}

// An answer, and the end of the connection.
std::string read_all(const UniqueFd& socket) {
  std::string all;
  char bytes[4096];
  for (ssize_t count = 0; (count = ::recv(socket.get(), bytes, sizeof bytes, 0)) > 0;) {
    all.append(bytes, static_cast<std::size_t>(count));
  }
  return all;
}

TEST_F(Control, SilentConnectionsDelayNobodyAndTheOldestGo) {
  start();
  constexpr std::size_t kBeyond = 16;
  std::vector<UniqueFd> silent;
  for (std::size_t i = 0; i < ControlServer::kMostConnections + kBeyond; ++i) {
    silent.push_back(connect_to(server_->port()));
    ASSERT_TRUE(silent.back());
  }
  const auto health = client().Get("/healthz");
  ASSERT_TRUE(health);
  EXPECT_EQ(health->status, 200);
  const auto metrics = client().Get("/metrics");
  ASSERT_TRUE(metrics);
  // Those that ask take a place as well.
  EXPECT_THAT(metrics->body,
              testing::ContainsRegex("bongsu_http_closed_connections_total.reason=\"no_room\". 1[678]\n"));
  EXPECT_TRUE(is_closed(silent.front()));
  EXPECT_FALSE(is_closed(silent.back()));
}

// Each byte comes well within the time of a read; the request never ends.
TEST_F(Control, ARequestThatDripsIsEnded) {
  start();
  const UniqueFd slow = connect_to(server_->port());
  ASSERT_TRUE(slow);
  bool closed = false;
  for (int i = 0; i < 400 && !closed; ++i) {
    closed = ::send(slow.get(), i == 0 ? "G" : "E", 1, MSG_NOSIGNAL) != 1 || is_closed(slow);
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  EXPECT_TRUE(closed);
  EXPECT_THAT(client().Get("/metrics")->body, HasSubstr("{reason=\"timeout\"} 1\n"));
}

TEST_F(Control, TheRequestMayComeInPieces) {
  start();
  const UniqueFd socket = connect_to(server_->port());
  ASSERT_TRUE(socket);
  const std::string request = "GET /healthz?probe=1 HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const char byte : request) {
    ASSERT_EQ(::send(socket.get(), &byte, 1, MSG_NOSIGNAL), 1);
  }
  EXPECT_THAT(read_all(socket), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\n\r\nok\n")));
}

TEST_F(Control, WhatIsNoRequestIsToldSo) {
  start();
  for (const auto& [bytes, status] : {std::pair<std::string, std::string>("\x16\x03\x01 a TLS greeting", "400"),
                                      {"GET /healthz\r\n\r\n", "400"},
                                      {"GET /healthz HTTP/2.0\r\n\r\n", "400"},
                                      {"GET /healthz HTTP/1.1\r\nX: " + std::string(9000, 'x'), "431"},
                                      {"GET /" + std::string(9000, 'x'), "431"}}) {
    const UniqueFd socket = connect_to(server_->port());
    ASSERT_TRUE(socket);
    ASSERT_GT(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
    ::shutdown(socket.get(), SHUT_WR);
    EXPECT_THAT(read_all(socket), StartsWith("HTTP/1.1 " + status)) << bytes.substr(0, 40);
  }
}

// Nothing of the host can be asked for, however it is written.
TEST_F(Control, NoPathOfTheHostIsReadable) {
  start();
  for (const std::string path :
       {"/../etc/passwd", "/..%2fetc/passwd", "/metrics/../../etc/passwd", "//etc/passwd", "/proc/self/environ",
        "file:///etc/passwd", "/metrics%00", "/debug/pprof", "http://127.0.0.1/healthz"}) {
    const UniqueFd socket = connect_to(server_->port());
    ASSERT_TRUE(socket);
    const std::string request = "GET " + path + " HTTP/1.1\r\n\r\n";
    ASSERT_GT(::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL), 0);
    EXPECT_THAT(read_all(socket), AllOf(StartsWith("HTTP/1.1 404"), testing::EndsWith("\r\n\r\n404\n"))) << path;
  }
}

TEST_F(Control, GarbageAndLargeBodiesDoNotStopIt) {
  start();
  for (const std::string& bytes : {std::string(70'000, 'A'), std::string("\0\xff\r\n\r\n", 6),
                                   std::string("GET /healthz HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\nx")}) {
    const UniqueFd socket = connect_to(server_->port());
    ASSERT_TRUE(socket);
    ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ::shutdown(socket.get(), SHUT_WR);
    char rest[4096];
    while (::recv(socket.get(), rest, sizeof rest, 0) > 0) {
    }
  }
  const auto health = client().Get("/healthz");
  ASSERT_TRUE(health);
  EXPECT_EQ(health->status, 200);
}

}  // namespace
}  // namespace bongsu
