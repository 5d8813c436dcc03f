// SPDX-License-Identifier: Apache-2.0
//
// Unix sockets: what counts as delivered, with readers that read, that do not, and that die.
#include "sinks/socket_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <future>

#include "support/sink_support.h"
#include "support/test_folder.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class UnixListener {
 public:
  explicit UnixListener(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    ::unlink(path.c_str());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_.get(), 8), 0);
  }
  [[nodiscard]] UniqueFd accept() const { return UniqueFd(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)); }
  // Until that many bytes have come, or the end.
  static std::string read(const UniqueFd& connection, std::size_t bytes) {
    std::string text;
    char block[4096];
    while (text.size() < bytes) {
      const ssize_t got = ::recv(connection.get(), block, std::min(sizeof block, bytes - text.size()), 0);
      if (got <= 0) {
        break;
      }
      text.append(block, static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  UniqueFd socket_;
};

class UnixSocket : public testing::Test {
 protected:
  std::unique_ptr<SocketChannel> channel(milliseconds timeout = seconds(30)) {
    auto made = SocketChannel::make(path_, timeout);
    EXPECT_TRUE(made) << made.error().to_string();
    return *std::move(made);
  }
  static std::future<Attempt> send(SocketChannel& channel, std::vector<std::shared_ptr<const Alert>> alerts) {
    return std::async(std::launch::async, [&channel, alerts = std::move(alerts)] { return channel.send(alerts); });
  }

  TestFolder folder_;
  const std::string path_ = folder_.path("socket");
  const std::string line_ = "{\"id\":\"1\"}\n";
};

TEST_F(UnixSocket, DeliversALineForEachAlertOverOneConnection) {
  const UnixListener listener(path_);
  const auto channel = this->channel();
  auto first = send(*channel, {make_alert("1"), make_alert("2")});
  const UniqueFd connection = listener.accept();
  EXPECT_EQ(UnixListener::read(connection, 22), "{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
  EXPECT_EQ(first.get().outcome, Attempt::Outcome::delivered);
  auto second = send(*channel, {make_alert("3")});
  EXPECT_EQ(UnixListener::read(connection, 11), "{\"id\":\"3\"}\n");
  EXPECT_EQ(second.get().outcome, Attempt::Outcome::delivered);
}

TEST_F(UnixSocket, IsNotDeliveredUntilItIsRead) {
  const UnixListener listener(path_);
  const auto channel = this->channel(milliseconds(50));
  const UniqueFd connection = [&] {
    const Attempt attempt = channel->send(std::vector{make_alert("1")});
    EXPECT_EQ(attempt.outcome, Attempt::Outcome::retry);
    EXPECT_EQ(attempt.reason, path_ + ": what was sent was not taken in time");
    return listener.accept();
  }();
  EXPECT_EQ(UnixListener::read(connection, 100), line_);  // and the end: the next attempt connects anew
}

TEST_F(UnixSocket, IsSentAgainWhenTheReaderDiesBeforeItHasRead) {
  const UnixListener listener(path_);
  const auto channel = this->channel();
  auto attempt = send(*channel, {make_alert("1")});
  {
    const UniqueFd connection = listener.accept();
    EXPECT_EQ(UnixListener::read(connection, 3), "{\"i");
  }
  EXPECT_EQ(attempt.get().outcome, Attempt::Outcome::retry);
  attempt = send(*channel, {make_alert("1")});
  EXPECT_EQ(UnixListener::read(listener.accept(), line_.size()), line_);
  EXPECT_EQ(attempt.get().outcome, Attempt::Outcome::delivered);
}

TEST_F(UnixSocket, ConnectsAnewWithinOneAttemptWhenTheReaderHasGone) {
  const UnixListener listener(path_);
  const auto channel = this->channel();
  for (int i = 0; i < 3; ++i) {
    auto attempt = send(*channel, {make_alert("1")});
    EXPECT_EQ(UnixListener::read(listener.accept(), line_.size()), line_);
    EXPECT_EQ(attempt.get().outcome, Attempt::Outcome::delivered);
  }
}

TEST_F(UnixSocket, IsTriedAgainWhenNobodyListens) {
  const auto channel = this->channel();
  const Attempt attempt = channel->send(std::vector{make_alert("1")});
  EXPECT_EQ(attempt.outcome, Attempt::Outcome::retry);
  EXPECT_EQ(attempt.reason, path_ + ": No such file or directory");
  {
    const UnixListener gone(path_);
  }
  EXPECT_EQ(channel->send(std::vector{make_alert("1")}).reason, path_ + ": Connection refused");
}

TEST_F(UnixSocket, AnInterruptEndsAnAttemptThatHangs) {
  const UnixListener listener(path_);
  const auto channel = this->channel();
  auto attempt = send(*channel, {make_alert(std::string(std::size_t{8} << 20, 'x'))});
  const UniqueFd connection = listener.accept();
  channel->interrupt();
  const Attempt result = attempt.get();
  EXPECT_EQ(result.outcome, Attempt::Outcome::retry);
  EXPECT_EQ(result.reason, "");
  EXPECT_EQ(channel->send(std::vector{make_alert("1")}).reason, "");
}

}  // namespace
}  // namespace bongsu
