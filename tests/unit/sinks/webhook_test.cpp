// SPDX-License-Identifier: Apache-2.0
//
// The webhook as it is configured, against real servers on loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinks/registry.h"
#include "support/receivers.h"
#include "support/sink_support.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;

class Webhook : public testing::Test {
 protected:
  Webhook() {
    config_.webhooks.emplace_back();
    hook().name = "soc";
    hook().retry.first_ns = 1'000'000;
    hook().retry.max_ns = 5'000'000;
    hook().timeout_ns = 30'000'000'000;
  }
  WebhookConfig& hook() { return config_.webhooks[0]; }

  Sink& start(int port, const std::string& target = "/alerts") {
    hook().url = "http://127.0.0.1:" + std::to_string(port) + target;
    return start();
  }
  Sink& start() {
    auto sinks = make_sinks(config_, {2, false, "1.2.3", clock_, random_});
    EXPECT_TRUE(sinks) << sinks.error().to_string();
    sinks_ = *std::move(sinks);
    EXPECT_EQ(sinks_.size(), 2U);  // stdout, webhook
    return *sinks_[1];
  }

  Config config_;
  HandClock clock_;
  SystemRandom random_;
  Sinks sinks_;
};

TEST_F(Webhook, PostsTheAlertWithItsIdOnOneConnection) {
  const Receiver receiver;
  hook().headers = {{"X-Cluster", "prod-1"}, {"Authorization", "Bearer t"}};
  Sink& sink = start(receiver.port(), "/alerts?a=b");
  EXPECT_EQ(sink.name(), "soc");
  for (const char* id : {"id-1", "id-2"}) {
    EXPECT_TRUE(sink.deliver(make_alert(id)));
  }
  EXPECT_TRUE(sink.drain(soon()));
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 2U);
  const httplib::Request& first = requests[0];
  EXPECT_EQ(first.target, "/alerts?a=b");
  EXPECT_EQ(first.body, R"({"id":"id-1"})");
  EXPECT_EQ(first.get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(first.get_header_value("User-Agent"), "bongsu/1.2.3");
  EXPECT_EQ(first.get_header_value("Idempotency-Key"), "id-1");
  EXPECT_EQ(first.get_header_value("X-Bongsu-Event-Id"), "id-1");
  EXPECT_EQ(first.get_header_value("X-Cluster"), "prod-1");
  EXPECT_EQ(first.get_header_value("Authorization"), "Bearer t");
  EXPECT_EQ(first.get_header_value_count("Content-Type"), 1U);
  EXPECT_EQ(requests[1].body, R"({"id":"id-2"})");
  EXPECT_EQ(first.remote_port, requests[1].remote_port);  // kept alive
}

TEST_F(Webhook, SendsTheUrlAsItWasWritten) {
  const Receiver receiver;
  const std::string target = "/a:b,c;d'e/%2f/~x?q=1+1%20&r=[]&s=$";
  Sink& sink = start(receiver.port(), target);
  sink.deliver(make_alert("1"));
  EXPECT_TRUE(sink.drain(soon()));
  ASSERT_EQ(receiver.requests().size(), 1U);
  EXPECT_EQ(receiver.requests()[0].target, target);
}

TEST_F(Webhook, SendsOnlyWhatItIsFor) {
  const Receiver receiver;
  hook().min_severity = 4;
  hook().tags = {"container"};
  Sink& sink = start(receiver.port());
  sink.deliver(make_alert("low", Severity::medium, {"container"}));
  sink.deliver(make_alert("other", Severity::high, {"host"}));
  sink.deliver(make_alert("right", Severity::critical, {"container"}));
  EXPECT_TRUE(sink.drain(soon()));
  ASSERT_EQ(receiver.requests().size(), 1U);
  EXPECT_EQ(receiver.requests()[0].body, R"({"id":"right"})");
  EXPECT_EQ(sink.stats().filtered, 2U);
}

TEST_F(Webhook, TriesAgainAfterServerErrors) {
  const Receiver receiver([](std::size_t index, const httplib::Request&, httplib::Response& response) {
    response.status = index == 0 ? 500 : index == 1 ? 503 : 204;
  });
  Sink& sink = start(receiver.port());
  sink.deliver(make_alert("1"));
  EXPECT_TRUE(sink.drain(soon()));
  ASSERT_EQ(receiver.requests().size(), 3U);
  // The same alert under the same key each time.
  EXPECT_EQ(receiver.requests()[2].get_header_value("Idempotency-Key"), "1");
  EXPECT_EQ(sink.stats().delivered, 1U);
  EXPECT_EQ(sink.stats().retries, 2U);
}

TEST_F(Webhook, HonoursRetryAfter) {
  std::atomic<std::int64_t> refused_at = 0;
  std::atomic<std::int64_t> taken_at = 0;
  const SystemClock real;
  const Receiver receiver([&](std::size_t index, const httplib::Request&, httplib::Response& response) {
    (index == 0 ? refused_at : taken_at) = real.boot_ns();
    if (index == 0) {
      response.status = 429;
      response.set_header("Retry-After", "1");
    }
  });
  Sink& sink = start(receiver.port());
  sink.deliver(make_alert("1"));
  EXPECT_TRUE(eventually([&] { return sink.stats().delivered == 1; }));
  EXPECT_GE(taken_at - refused_at, 1'000'000'000);  // its own back-off ends at 5 ms
}

TEST_F(Webhook, DoesNotRepeatWhatIsRejectedNorFollowRedirects) {
  const Receiver receiver([](std::size_t index, const httplib::Request&, httplib::Response& response) {
    response.status = index == 0 ? 400 : index == 1 ? 413 : index == 2 ? 307 : 200;
    response.set_header("Location", "/elsewhere");
  });
  Sink& sink = start(receiver.port());
  for (const char* id : {"1", "2", "3", "4"}) {
    sink.deliver(make_alert(id));
  }
  EXPECT_TRUE(sink.drain(soon()));
  EXPECT_EQ(receiver.requests().size(), 4U);
  EXPECT_EQ(sink.stats().rejected, 3U);
  EXPECT_EQ(sink.stats().delivered, 1U);
  EXPECT_EQ(sink.stats().retries, 0U);
}

TEST_F(Webhook, WaitsForAServerThatIsNotThereYet) {
  int port = 0;
  {
    const Receiver unused;
    port = unused.port();
  }
  Sink& sink = start(port);
  sink.deliver(make_alert("1"));
  EXPECT_TRUE(eventually([&] { return sink.stats().retries >= 2; }));
  const Receiver receiver(nullptr, nullptr, port);
  ASSERT_EQ(receiver.port(), port);
  EXPECT_TRUE(sink.drain(soon()));
  EXPECT_EQ(receiver.requests().size(), 1U);
  EXPECT_EQ(sink.stats().delivered, 1U);
}

TEST_F(Webhook, ComesBackWhenTheKeptConnectionWasClosed) {
  auto first = std::make_unique<Receiver>();
  const int port = first->port();
  Sink& sink = start(port);
  sink.deliver(make_alert("1"));
  EXPECT_TRUE(eventually([&] { return sink.stats().delivered == 1; }));
  first.reset();
  const Receiver second(nullptr, nullptr, port);
  ASSERT_EQ(second.port(), port);
  sink.deliver(make_alert("2"));
  EXPECT_TRUE(sink.drain(soon()));
  ASSERT_EQ(second.requests().size(), 1U);
  EXPECT_EQ(second.requests()[0].body, R"({"id":"2"})");
}

TEST_F(Webhook, AConnectionClosedUnderTheRequestIsNoFailure) {
  RawServer server([](std::size_t, UniqueFd connection) {
    RawServer::read_head(connection.get());
    RawServer::write(connection.get(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    RawServer::read_head(connection.get());  // and closes without a word
  });
  Sink& sink = start(server.port());
  for (const char* id : {"1", "2", "3"}) {
    sink.deliver(make_alert(id));
  }
  EXPECT_TRUE(sink.drain(soon()));
  EXPECT_EQ(sink.stats().delivered, 3U);
  EXPECT_EQ(sink.stats().retries, 0U);
  sinks_.clear();  // which ends the last connection, and so the server
}

TEST_F(Webhook, AServerThatDribblesIsLeftAfterTheTimeout) {
  RawServer server([&](std::size_t index, UniqueFd connection) {
    RawServer::read_head(connection.get());
    if (index != 0) {
      RawServer::write(connection.get(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    while (::send(connection.get(), "x", 1, MSG_NOSIGNAL) == 1) {
      std::this_thread::sleep_for(milliseconds(2));  // the slowness itself
    }
  });
  hook().timeout_ns = 100'000'000;
  Sink& sink = start(server.port());
  sink.deliver(make_alert("1"));
  EXPECT_TRUE(sink.drain(soon()));
  EXPECT_EQ(sink.stats().delivered, 1U);
  EXPECT_EQ(sink.stats().retries, 1U);
}

TEST_F(Webhook, AServerThatHangsIsLeftAfterTheTimeout) {
  std::vector<UniqueFd> held;
  RawServer server([&](std::size_t index, UniqueFd connection) {
    RawServer::read_head(connection.get());
    if (index != 0) {
      RawServer::write(connection.get(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
    held.push_back(std::move(connection));
  });
  hook().timeout_ns = 50'000'000;
  Sink& sink = start(server.port());
  sink.deliver(make_alert("1"));
  EXPECT_TRUE(sink.drain(soon()));
  EXPECT_EQ(sink.stats().delivered, 1U);
  EXPECT_GE(sink.stats().retries, 1U);
}

TEST_F(Webhook, AnAnswerCutInItsHeadIsNoAnswer) {
  RawServer server([](std::size_t index, UniqueFd connection) {
    RawServer::read_head(connection.get());
    RawServer::write(connection.get(), index == 0   ? "HTTP/1.1 200 OK\r\nContent-Le"
                                       : index == 1 ? ""
                                                    : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  Sink& sink = start(server.port());
  sink.deliver(make_alert("1"));
  EXPECT_TRUE(sink.drain(soon()));
  EXPECT_EQ(server.connections(), 3U);
  EXPECT_EQ(sink.stats().delivered, 1U);
}

TEST_F(Webhook, AnAnswerCutInItsBodyIsAnAnswer) {
  RawServer server([](std::size_t, UniqueFd connection) {
    RawServer::read_head(connection.get());
    RawServer::write(connection.get(), "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });
  Sink& sink = start(server.port());
  sink.deliver(make_alert("1"));
  EXPECT_TRUE(sink.drain(soon()));
  EXPECT_EQ(server.connections(), 1U);
  EXPECT_EQ(sink.stats().delivered, 1U);
}

TEST_F(Webhook, ABodyWithoutEndIsNotRead) {
  RawServer server([](std::size_t, UniqueFd connection) {
    RawServer::read_head(connection.get());
    RawServer::write(connection.get(), "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
    // More than any socket buffer: this ends only because the other side closes.
    const std::string block(1'000'000, 'x');
    for (int i = 0; i < 100; ++i) {
      RawServer::write(connection.get(), block);
    }
  });
  Sink& sink = start(server.port());
  sink.deliver(make_alert("1"));
  sink.deliver(make_alert("2"));
  EXPECT_TRUE(sink.drain(soon()));
  EXPECT_EQ(sink.stats().delivered, 2U);
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(Webhook, TheDeadlineEndsAnAttemptUnderWay) {
  std::mutex mutex;
  std::vector<UniqueFd> held;
  RawServer server([&](std::size_t, UniqueFd connection) {
    const std::lock_guard lock(mutex);
    held.push_back(std::move(connection));
  });
  hook().timeout_ns = 3'600'000'000'000;  // an hour: only the interruption can end it
  Sink& sink = start(server.port());
  sink.deliver(make_alert("1"));
  sink.deliver(make_alert("2"));
  EXPECT_TRUE(eventually([&] { return server.connections() == 1; }));
  EXPECT_FALSE(drain_all(sinks_, soon(milliseconds(20))));
  EXPECT_EQ(sink.stats().undelivered, 2U);
  sinks_.clear();
}

TEST_F(Webhook, TheDeadlineEndsConnectingToo) {
  // A backlog of none that is full: further connections get no answer.
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener.get(), 0), 0);
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  std::vector<UniqueFd> fill;
  for (int i = 0; i < 4; ++i) {
    fill.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int connected = ::connect(fill.back().get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    ASSERT_TRUE(connected == 0 || errno == EINPROGRESS);
  }
  hook().timeout_ns = 3'600'000'000'000;
  Sink& sink = start(ntohs(address.sin_port));
  sink.deliver(make_alert("1"));
  EXPECT_FALSE(drain_all(sinks_, soon(milliseconds(50))));
  EXPECT_EQ(sink.stats().undelivered, 1U);
  sinks_.clear();
}

TEST_F(Webhook, ItsQueueIsBounded) {
  std::mutex mutex;
  std::vector<UniqueFd> held;
  RawServer server([&](std::size_t, UniqueFd connection) {
    const std::lock_guard lock(mutex);
    held.push_back(std::move(connection));
  });
  Sink& sink = start(server.port());
  const auto alert = make_alert("1");
  for (int i = 0; i < 12'000; ++i) {
    EXPECT_TRUE(sink.deliver(alert));
  }
  EXPECT_LE(sink.stats().queued, 10'001U) << "one is being sent";
  EXPECT_GE(sink.stats().evicted, 1'999U);
  EXPECT_FALSE(sink.drain(soon(milliseconds(10))));
  EXPECT_EQ(sink.stats().undelivered + sink.stats().evicted, 12'000U);
}

}  // namespace
}  // namespace bongsu
