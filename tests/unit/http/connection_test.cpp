// SPDX-License-Identifier: Apache-2.0
//
// A connection to servers that answer wrongly, late, or without end.
#include "http/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/guarded_stream.h"
#include "support/receivers.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using End = HttpAnswer::End;

constexpr const char* kGood = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

HttpConnection::Options options_for(int port, milliseconds total = std::chrono::seconds(20)) {
  HttpConnection::Options options;
  options.host = "127.0.0.1";
  options.port = static_cast<std::uint16_t>(port);
  options.timeout = std::chrono::seconds(20);
  options.total_timeout = total;
  return options;
}

HttpAnswer post(HttpConnection& connection, const std::string& body = "{}") {
  httplib::Request request;
  request.method = "POST";
  request.path = "/";
  request.body = body;
  return connection.send(request);
}

// The answer to one request, as bytes.
HttpAnswer answer_to(const std::string& bytes) {
  RawServer server([&](std::size_t, UniqueFd connection) {
    RawServer::read_head(connection.get());
    RawServer::write(connection.get(), bytes);
    ::shutdown(connection.get(), SHUT_WR);
    RawServer::read_head(connection.get());  // until the other side has closed
  });
  HttpConnection connection(options_for(server.port()));
  return post(connection);
}

TEST(HttpConnection, LinesHaveAnEnd) {
  // A first line of a megabyte would take the library's expression beyond the end of the stack.
  for (const std::size_t size : {std::size_t{2000}, std::size_t{1} << 20}) {
    EXPECT_EQ(answer_to("HTTP/1.1 200 " + std::string(size, 'a') + "\r\n\r\n").status, 0);
    EXPECT_EQ(answer_to(std::string(size, 'a') + "\r\n\r\n").status, 0);
    EXPECT_EQ(answer_to("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 " + std::string(size, 'a') + "\r\n\r\n").status, 0);
  }
  EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\nX: " + std::string(9000, 'a') + "\r\n\r\n").status, 0);
  EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: " + std::string(7000, 'a') + "\r\n\r\n").status, 200);
  EXPECT_EQ(answer_to("HTTP/1.1 200 " + std::string(900, 'a') + "\r\nContent-Length: 0\r\n\r\n").status, 200);
}

TEST(HttpConnection, AHeadHasAnEnd) {
  std::string many;
  while (many.size() < GuardedStream::kMaxHeadBytes) {
    many += "X-Name: value\r\n";
  }
  EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + many + "\r\n").status, 0);
  std::string patience;
  while (patience.size() < GuardedStream::kMaxHeadBytes) {
    patience += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  EXPECT_EQ(answer_to(patience + kGood).status, 0);
  EXPECT_EQ(answer_to("HTTP/1.1 100 Continue\r\n\r\n" + std::string(kGood)).status, 200);
}

TEST(HttpConnection, AnAttemptEndsInTimeWhateverDribbles) {
  for (const std::string& begin : {std::string(), std::string("HTTP/1.1 200 OK\r\nX: "),
                                   std::string("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")}) {
    RawServer server([&](std::size_t, UniqueFd connection) {
      RawServer::read_head(connection.get());
      RawServer::write(connection.get(), begin);
      while (::send(connection.get(), "x", 1, MSG_NOSIGNAL) == 1) {
        std::this_thread::sleep_for(milliseconds(2));  // the slowness itself
      }
    });
    HttpConnection connection(options_for(server.port(), milliseconds(100)));
    const auto begun = std::chrono::steady_clock::now();
    const HttpAnswer answer = post(connection);
    const auto took = std::chrono::steady_clock::now() - begun;
    EXPECT_GE(took, milliseconds(100));
    EXPECT_LT(took, std::chrono::seconds(10));
    EXPECT_EQ(answer.end, End::broken);
    EXPECT_THAT(answer.failure, HasSubstr("did not answer in time"));
    EXPECT_EQ(answer.status, begin.ends_with("\r\n\r\n") ? 200 : 0);
  }
}

TEST(HttpConnection, AConnectionClosedMeanwhileIsNoFailure) {
  // The server closes when the second request has come: nothing could be seen before.
  RawServer server([&](std::size_t, UniqueFd connection) {
    RawServer::read_head(connection.get());
    RawServer::write(connection.get(), kGood);
    RawServer::read_head(connection.get());
  });
  HttpConnection connection(options_for(server.port()));
  for (std::size_t sent = 1; sent <= 3; ++sent) {
    EXPECT_EQ(post(connection).status, 200);
    EXPECT_EQ(server.connections(), sent);
  }
}

TEST(HttpConnection, ANewConnectionThatClosesIsOne) {
  RawServer server([](std::size_t, UniqueFd connection) { RawServer::read_head(connection.get()); });
  HttpConnection connection(options_for(server.port()));
  EXPECT_EQ(post(connection).end, End::broken);
  EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpConnection, AnAnswerNobodyAskedForIsNotTheNextOnes) {
  RawServer server([&](std::size_t index, UniqueFd connection) {
    RawServer::read_head(connection.get());
    const std::string late = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    RawServer::write(connection.get(), index == 0 ? kGood + late : "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n");
    RawServer::read_head(connection.get());
  });
  HttpConnection connection(options_for(server.port()));
  EXPECT_EQ(post(connection).status, 200);
  EXPECT_EQ(post(connection).status, 500);
  EXPECT_EQ(server.connections(), 2U);
}

// Answers with this before it has read the body, and reads no more.
HttpAnswer early(const std::string& answer) {
  RawServer server([&](std::size_t, UniqueFd connection) {
    RawServer::read_head(connection.get());
    RawServer::write(connection.get(), answer);
  });
  HttpConnection connection(options_for(server.port()));
  return post(connection, std::string(std::size_t{32} << 20, 'x'));
}

TEST(HttpConnection, AnEarlyRefusalIsHeardAnEarlyYesIsNot) {
  EXPECT_EQ(early("HTTP/1.1 413 Too Large\r\nConnection: close\r\n\r\n").status, 413);
  const HttpAnswer yes = early(kGood);
  EXPECT_EQ(yes.status, 0);
  EXPECT_EQ(yes.end, End::broken);
}

TEST(HttpConnection, GoesByAProxyInAbsoluteForm) {
  const Receiver proxy;
  HttpConnection::Options options = options_for(81);
  options.host = "alerts.test";
  options.proxy = HttpProxy{"localhost", static_cast<std::uint16_t>(proxy.port()), "Basic abc"};
  HttpConnection connection(options);
  EXPECT_EQ(post(connection).status, 200);
  EXPECT_EQ(post(connection).status, 200);
  const auto requests = proxy.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].target, "http://alerts.test:81/");
  EXPECT_EQ(requests[0].get_header_value("Host"), "alerts.test:81");
  EXPECT_EQ(requests[0].get_header_value("Proxy-Authorization"), "Basic abc");
  EXPECT_EQ(requests[0].remote_port, requests[1].remote_port);
}

TEST(HttpConnection, AProxyThatRefusesATunnelIsSaid) {
  const std::pair<std::string, std::string> cases[] = {
      {"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n",
       "answered 407: it wants a user and a password, or others"},
      {"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "answered 403"},
      {"SSH-2.0-x\r\n\r\n", "gave no HTTP answer"},
      {"HTTP/1.1 200 OK\r\n", "closed the connection"},
      {std::string(std::size_t{1} << 20, 'a'), "sent more than an answer to CONNECT"},
  };
  for (const auto& [answer, said] : cases) {
    std::string head;
    RawServer proxy([&](std::size_t, UniqueFd connection) {
      head = RawServer::read_head(connection.get());
      RawServer::write(connection.get(), answer);
    });
    {
      HttpConnection::Options options = options_for(443);
      options.https = true;
      options.host = "alerts.test";
      options.proxy = HttpProxy{"127.0.0.1", static_cast<std::uint16_t>(proxy.port()), "Basic abc"};
      HttpConnection connection(options);
      for (int attempt = 0; attempt < 2; ++attempt) {
        const HttpAnswer got = post(connection);
        EXPECT_EQ(got.end, End::unreachable);
        EXPECT_EQ(got.status, 0);
        EXPECT_EQ(got.failure, "the proxy 127.0.0.1:" + std::to_string(proxy.port()) + " " + said);
      }
    }
    EXPECT_THAT(head, testing::StartsWith("CONNECT alerts.test:443 HTTP/1.1\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\nHost: alerts.test:443\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\nProxy-Authorization: Basic abc\r\n"));
  }
}

TEST(HttpConnection, AProxyThatHangsIsLeft) {
  std::vector<UniqueFd> held;
  RawServer proxy([&](std::size_t, UniqueFd connection) { held.push_back(std::move(connection)); });
  HttpConnection::Options options = options_for(443, milliseconds(50));
  options.https = true;
  options.host = "alerts.test";
  options.proxy = HttpProxy{"127.0.0.1", static_cast<std::uint16_t>(proxy.port()), ""};
  HttpConnection connection(options);
  EXPECT_EQ(post(connection).end, End::broken);
}

}  // namespace
}  // namespace bongsu
