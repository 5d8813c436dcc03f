// SPDX-License-Identifier: Apache-2.0
//
// Syslog over UDP and TCP to real sockets on loopback.
#include "sinks/syslog_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <future>

#include "support/receivers.h"
#include "support/sink_support.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class UdpServer {
 public:
  UdpServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string next() const {
    std::string datagram(70'000, '\0');
    const ssize_t got = ::recv(socket_.get(), datagram.data(), datagram.size(), 0);
    datagram.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return datagram;
  }

 private:
  UniqueFd socket_;
  std::uint16_t port_ = 0;
};

class Syslog : public testing::Test {
 protected:
  std::unique_ptr<SyslogChannel> channel(SyslogAddress::Transport transport, int port,
                                         milliseconds timeout = seconds(30)) {
    SyslogChannel::Options options;
    options.name = "log";
    options.address = {transport, "127.0.0.1", static_cast<std::uint16_t>(port)};
    options.timeout = timeout;
    options.log = lines_.writer();
    auto made = SyslogChannel::make(std::move(options), clock_);
    EXPECT_TRUE(made) << made.error().to_string();
    return *std::move(made);
  }
  std::unique_ptr<SyslogChannel> udp(int port) { return channel(SyslogAddress::Transport::udp, port); }
  std::unique_ptr<SyslogChannel> tcp(int port, milliseconds timeout = seconds(30)) {
    return channel(SyslogAddress::Transport::tcp, port, timeout);
  }

  // The next message with octet counting; empty at the end.
  static std::string next_frame(int connection) {
    std::size_t size = 0;
    char c = 0;
    while (::recv(connection, &c, 1, 0) == 1 && c != ' ') {
      size = size * 10 + static_cast<std::size_t>(c - '0');
    }
    std::string frame(size, '\0');
    return ::recv(connection, frame.data(), size, MSG_WAITALL) == static_cast<ssize_t>(size) ? frame : "";
  }
  // What stands in MSG.
  static std::string next_alert(int connection) {
    const std::string frame = next_frame(connection);
    const std::size_t end = frame.find("] ");
    return end == std::string::npos ? frame : frame.substr(end + 2);
  }

  HandClock clock_;
  Lines lines_;
};

TEST_F(Syslog, SendsADatagramForEachAlert) {
  const UdpServer server;
  const auto channel = udp(server.port());
  EXPECT_EQ(channel->send(std::vector{make_alert("1"), make_alert("2")}).outcome, Attempt::Outcome::delivered);
  EXPECT_THAT(server.next(), AllOf(StartsWith("<108>1 - - bongsu "), EndsWith(R"(] {"id":"1"})")));
  EXPECT_THAT(server.next(), EndsWith(R"(] {"id":"2"})"));
}

TEST_F(Syslog, CutsAnAlertThatNoDatagramHoldsToItsMessageAndSaysSo) {
  const UdpServer server;
  const auto channel = udp(server.port());
  auto large = std::make_shared<Alert>(*make_alert("1"));
  large->json = R"({"message":"short","x":")" + std::string(66'000, 'x') + "\"}";
  EXPECT_EQ(channel->send(std::vector<std::shared_ptr<const Alert>>{large, make_alert("2")}).outcome,
            Attempt::Outcome::delivered);
  EXPECT_THAT(server.next(), AllOf(HasSubstr(R"(eventId="1")"), EndsWith("] short")));
  EXPECT_THAT(server.next(), EndsWith(R"(] {"id":"2"})"));
  EXPECT_THAT(lines_.all(), ElementsAre(HasSubstr("log: an alert that is too long for UDP went without its JSON")));
}

TEST_F(Syslog, NoticesThatNobodyListensOnThisMachine) {
  int port = 0;
  {
    const UdpServer gone;
    port = gone.port();
  }
  const auto channel = udp(port);
  const Attempt attempt = channel->send(std::vector{make_alert("1")});
  EXPECT_EQ(attempt.outcome, Attempt::Outcome::retry);
  EXPECT_EQ(attempt.reason, "127.0.0.1:" + std::to_string(port) + ": nobody listens there");
}

TEST_F(Syslog, CountsOctetsOverOneConnection) {
  std::vector<std::string> frames;
  std::promise<void> done;
  {
    RawServer server([&](std::size_t, UniqueFd connection) {
      for (int i = 0; i < 3; ++i) {
        frames.push_back(next_frame(connection.get()));
      }
      done.set_value();
    });
    const auto channel = tcp(server.port());
    EXPECT_EQ(channel->send(std::vector{make_alert("1"), make_alert("2")}).outcome, Attempt::Outcome::delivered);
    EXPECT_EQ(channel->send(std::vector{make_alert("3")}).outcome, Attempt::Outcome::delivered);
    done.get_future().wait();
    EXPECT_EQ(server.connections(), 1U);
  }
  EXPECT_THAT(frames,
              ElementsAre(EndsWith(R"(] {"id":"1"})"), EndsWith(R"(] {"id":"2"})"), EndsWith(R"(] {"id":"3"})")));
}

TEST_F(Syslog, SendsOnceMoreWhatAServerHadNotReadWhenItDied) {
  std::vector<std::string> alerts;
  std::promise<void> sent;
  std::promise<void> died;
  std::promise<void> done;
  {
    RawServer server([&](std::size_t index, UniqueFd connection) {
      if (index == 0) {
        sent.get_future().wait();
        connection.reset();  // with what has come unread: TCP resets
        died.set_value();
        return;
      }
      for (int i = 0; i < 3; ++i) {
        alerts.push_back(next_alert(connection.get()));
      }
      done.set_value();
    });
    const auto channel = tcp(server.port());
    EXPECT_EQ(channel->send(std::vector{make_alert("1")}).outcome, Attempt::Outcome::delivered);
    EXPECT_EQ(channel->send(std::vector{make_alert("2")}).outcome, Attempt::Outcome::delivered);
    sent.set_value();
    died.get_future().wait();
    EXPECT_EQ(channel->send(std::vector{make_alert("3")}).outcome, Attempt::Outcome::delivered);
    done.get_future().wait();
  }
  EXPECT_THAT(alerts, ElementsAre(R"({"id":"1"})", R"({"id":"2"})", R"({"id":"3"})"));
}

TEST_F(Syslog, SendsNothingTwiceWhenAServerClosesInGoodOrder) {
  std::vector<std::string> alerts;
  std::promise<void> closed;
  std::promise<void> done;
  {
    RawServer server([&](std::size_t index, UniqueFd connection) {
      alerts.push_back(next_alert(connection.get()));
      connection.reset();
      index == 0 ? closed.set_value() : done.set_value();
    });
    const auto channel = tcp(server.port());
    EXPECT_EQ(channel->send(std::vector{make_alert("1")}).outcome, Attempt::Outcome::delivered);
    closed.get_future().wait();
    EXPECT_EQ(channel->send(std::vector{make_alert("2")}).outcome, Attempt::Outcome::delivered);
    done.get_future().wait();
  }
  EXPECT_THAT(alerts, ElementsAre(R"({"id":"1"})", R"({"id":"2"})"));
}

// More than the buffers of both sides hold.
std::vector<std::shared_ptr<const Alert>> very_large() { return {make_alert(std::string(std::size_t{32} << 20, 'x'))}; }

TEST_F(Syslog, AServerThatTakesNothingIsGivenUpInTime) {
  std::promise<void> end;
  RawServer server([&, ended = end.get_future().share()](std::size_t, UniqueFd) { ended.wait(); });
  const auto channel = tcp(server.port(), milliseconds(200));
  const Attempt attempt = channel->send(very_large());
  EXPECT_EQ(attempt.outcome, Attempt::Outcome::retry);
  EXPECT_THAT(attempt.reason, HasSubstr("it took no data in time"));
  end.set_value();
}

TEST_F(Syslog, AnInterruptEndsAnAttemptThatHangs) {
  std::promise<void> connected;
  std::promise<void> end;
  RawServer server([&, ended = end.get_future().share()](std::size_t index, UniqueFd) {
    if (index == 0) {  // what is sent after the interrupt comes on a connection of its own
      connected.set_value();
    }
    ended.wait();
  });
  const auto channel = tcp(server.port());
  auto attempt = std::async(std::launch::async, [&] { return channel->send(very_large()); });
  connected.get_future().wait();
  channel->interrupt();
  const Attempt result = attempt.get();
  EXPECT_EQ(result.outcome, Attempt::Outcome::retry);
  EXPECT_EQ(result.reason, "");
  EXPECT_EQ(channel->send(std::vector{make_alert("1")}).reason, "");
  end.set_value();
}

TEST_F(Syslog, IsTriedAgainWhenNobodyTakesConnections) {
  int port = 0;
  {
    const RawServer gone([](std::size_t, UniqueFd) {});
    port = gone.port();
  }
  const Attempt attempt = tcp(port)->send(std::vector{make_alert("1")});
  EXPECT_EQ(attempt.outcome, Attempt::Outcome::retry);
  EXPECT_EQ(attempt.reason, "127.0.0.1:" + std::to_string(port) + ": Connection refused");
}

}  // namespace
}  // namespace bongsu
