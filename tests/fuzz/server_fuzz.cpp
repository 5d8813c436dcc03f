// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as what somebody sends to the monitor's own HTTP server, over a real connection. Nothing may crash or hang;
// only what it serves is answered with 200, and only by GET and HEAD.
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "control/server.h"
#include "fuzz/support.h"

namespace {

using bongsu::fuzz::expect;

constexpr std::size_t kMostAnswerBytes = std::size_t{1} << 20;

std::uint16_t port_of_server() {
  static const std::unique_ptr<bongsu::ControlServer> kServer = [] {
    std::signal(SIGPIPE, SIG_IGN);  // as the program does
    bongsu::fuzz::restart_interrupted_calls();
    auto bound = bongsu::ControlServer::bind("127.0.0.1", 0,
                                             {.ready = [] { return bongsu::Status(); },
                                              .metrics =
                                                  [] {
                                                    bongsu::MetricFamily up{
                                                        "bongsu_up", "Up.", bongsu::MetricFamily::Type::gauge, {}};
                                                    up.add(1.0);
                                                    return std::vector{up};
                                                  }});
    expect(bound.has_value() && (*bound)->serve().has_value());
    return *std::move(bound);
  }();
  return kServer->port();
}

// All that comes for the bytes, until the other side closes.
std::string answer_to(std::string_view bytes) {
  const bongsu::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port_of_server());
  // Reset when it is closed: ports of connections that linger would run out.
  const linger reset{.l_onoff = 1, .l_linger = 0};
  expect(socket && ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0);
  expect(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      break;  // it has heard enough
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  ::shutdown(socket.get(), SHUT_WR);
  std::string answer;
  std::array<char, 4096> block{};
  for (ssize_t got = 0; (got = ::recv(socket.get(), block.data(), block.size(), 0)) > 0;) {
    answer.append(block.data(), static_cast<std::size_t>(got));
    expect(answer.size() <= kMostAnswerBytes);
  }
  return answer;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = bongsu::fuzz::text_of(data, size);
  const std::string answer = answer_to(bytes);
  if (answer.empty()) {
    return 0;
  }
  expect(answer.starts_with("HTTP/1."));
  const std::string_view status = std::string_view(answer).substr(sizeof "HTTP/1.1" - 1, 5);
  if (status == " 200 ") {
    expect(bytes.find("GET") != std::string_view::npos || bytes.find("HEAD") != std::string_view::npos);
    const std::string_view body = std::string_view(answer).substr(answer.find("\r\n\r\n") + 4);
    expect(body.empty() || body == "ok\n" || body == "ready\n" ||
           body.find("\nbongsu_up 1\n") != std::string_view::npos);
  } else {
    expect(status[1] == '4' || status[1] == '5' || status == " 100 ");
  }
  return 0;
}
