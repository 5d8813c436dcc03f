// SPDX-License-Identifier: Apache-2.0
//
// The connection to the API server: whom it trusts, how long it waits, and that it can be stopped at every point.
#include "kubernetes/api_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

#include "support/receivers.h"
#include "unit/kubernetes/api_server.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

class Text final : public ApiBody {
 public:
  bool take(std::string_view piece) override {
    text += piece;
    return true;
  }
  std::string text;
};

class Client : public ApiTest {
 protected:
  ApiAnswer get(const ApiClient::Server& server, ApiRequest request) {
    request.target = "/api/v1/pods";
    request.accept = "application/json";
    ApiClient client(server, clock_);
    return client.get(request, text_);
  }
  ApiAnswer get(const ApiClient::Server& server) { return get(server, {}); }
  Text text_;
};

TEST_F(Client, TrustsTheAuthorityForTheAddress) {
  ApiServer server(*authority(), [](std::size_t, const httplib::Request&, httplib::Response& response) {
    ApiServer::json(response, "{}");
  });
  const ApiAnswer answer = get(options(server.port()).server);
  EXPECT_EQ(answer.error, ApiError::none) << answer.words;
  EXPECT_EQ(text_.text, "{}");
}

TEST_F(Client, TellsATokenToNobodyElse) {
  ApiServer server(
      *authority(),
      [](std::size_t, const httplib::Request&, httplib::Response& response) { ApiServer::json(response, "{}"); },
      "other");
  const ApiAnswer wrong_address = get(options(server.port()).server);
  EXPECT_EQ(wrong_address.error, ApiError::untrusted);
  EXPECT_THAT(wrong_address.words, HasSubstr("is not valid for it, or nobody trusted has signed it"));

  const TestAuthority another;
  ApiClient::Server strange = options(server.port()).server;
  strange.ca_file = another.path("ca.pem");
  EXPECT_EQ(get(strange).error, ApiError::untrusted);
  strange.ca_file = another.path("none.pem");
  EXPECT_EQ(get(strange).error, ApiError::untrusted);
  strange.ca_file = authority()->path("token");  // a file, but no certificate
  EXPECT_EQ(get(strange).error, ApiError::untrusted);
  EXPECT_EQ(server.count(), 0U);
}

TEST_F(Client, TakesANewAuthorityWhenTheFileHasOne) {
  ApiServer server(*authority(), [](std::size_t, const httplib::Request&, httplib::Response& response) {
    ApiServer::json(response, "{}");
  });
  const TestAuthority another;
  ApiClient::Server place = options(server.port()).server;
  place.ca_file = another.path("rotating.pem");
  std::filesystem::copy(another.path("ca.pem"), place.ca_file);
  ApiClient client(place, clock_);
  EXPECT_EQ(client.get({.target = "/api/v1/pods", .accept = "x"}, text_).error, ApiError::untrusted);
  std::filesystem::copy(authority()->path("ca.pem"), another.path("new.pem"));
  std::filesystem::rename(another.path("new.pem"), place.ca_file);
  EXPECT_EQ(client.get({.target = "/api/v1/pods", .accept = "x"}, text_).error, ApiError::none);
}

TEST_F(Client, WithoutATokenNothingIsAsked) {
  ApiClient::Server server = options(1).server;
  for (const char* bad : {"", "two words", "line\nline"}) {
    write_token(bad);
    EXPECT_EQ(get(server).error, ApiError::token) << bad;
  }
  server.token_file = authority()->path("none");
  EXPECT_EQ(get(server).error, ApiError::token);
  server.token_file = authority()->folder().string();
  EXPECT_EQ(get(server).error, ApiError::token);
}

TEST_F(Client, SaysWhatTheServerSays) {
  ApiServer server(*authority(), [](std::size_t, const httplib::Request&, httplib::Response& response) {
    ApiServer::json(response, status_json(403, "Forbidden"), 403);
  });
  const ApiAnswer answer = get(options(server.port()).server);
  EXPECT_EQ(answer.error, ApiError::forbidden);
  EXPECT_EQ(answer.words, "the API server answered 403: words for Forbidden");
  EXPECT_EQ(text_.text, "");
}

TEST_F(Client, NobodyThereIsNoAnswer) {
  int port = 0;
  {
    const RawServer gone([](std::size_t, UniqueFd) {});
    port = gone.port();
  }
  EXPECT_EQ(get(options(port).server).error, ApiError::unreachable);
}

TEST_F(Client, AServerThatHangsIsLeft) {
  ApiServer server(*authority(), [&](std::size_t, const httplib::Request&, httplib::Response&) { server.hold(); });
  ApiRequest request;
  request.head = milliseconds(50);
  EXPECT_EQ(get(options(server.port()).server, request).error, ApiError::timeout);
  request.head = seconds(30);
  request.silence = milliseconds(50);
  EXPECT_EQ(get(options(server.port()).server, request).error, ApiError::broken);
}

TEST_F(Client, AServerThatDripsIsLeft) {
  ApiServer server(*authority(), [](std::size_t, const httplib::Request&, httplib::Response& response) {
    response.set_chunked_content_provider("application/json", [](std::size_t, httplib::DataSink& sink) {
      std::this_thread::sleep_for(milliseconds(1));
      return sink.write(" ", 1);
    });
  });
  ApiRequest request;
  request.total = milliseconds(200);
  EXPECT_EQ(get(options(server.port()).server, request).error, ApiError::timeout);
  EXPECT_FALSE(text_.text.empty());
}

// Each server is reached at the point that it is named after, and then left within a second.
class Stop : public Client {
 protected:
  void expect_quick_end() {
    const auto begun = steady_clock::now();
    watch_.reset();
    EXPECT_LT(steady_clock::now() - begun, seconds(1));
  }
  void start_for_real(const PodWatchOptions& options) {
    auto started = PodWatch::start(options, clock_, random_);
    ASSERT_TRUE(started);
    watch_ = *std::move(started);
  }
};

TEST_F(Stop, WhileTheHandshakeHangs) {
  ASSERT_NE(std::signal(SIGPIPE, SIG_IGN), SIG_ERR);  // as main() does
  std::vector<UniqueFd> held;
  RawServer server([&](std::size_t, UniqueFd connection) { held.push_back(std::move(connection)); });
  PodWatchOptions slow = options(server.port());
  slow.server.connect_timeout = std::chrono::hours(1);
  start_for_real(slow);
  ASSERT_TRUE(comes_true([&] { return server.connections() == 1; }));
  expect_quick_end();
}

TEST_F(Stop, WhileTheListHangs) {
  ApiServer server(*authority(), [&](std::size_t, const httplib::Request&, httplib::Response&) { server.hold(); });
  start_for_real(options(server.port()));
  ASSERT_TRUE(comes_true([&] { return server.held() == 1; }));
  expect_quick_end();
}

TEST_F(Stop, WithinTheList) {
  ApiServer server(*authority(), [&](std::size_t, const httplib::Request&, httplib::Response& response) {
    server.stream(response, "{");
  });
  start_for_real(options(server.port()));
  ASSERT_TRUE(comes_true([&] { return server.held() == 1; }));
  expect_quick_end();
}

TEST_F(Stop, WithinTheWatch) {
  ApiServer server(*authority(), [&](std::size_t, const httplib::Request& request, httplib::Response& response) {
    ApiServer::is_watch(request) ? server.stream(response, "{") : ApiServer::json(response, list_json("1", {}));
  });
  start_for_real(options(server.port()));
  ASSERT_TRUE(comes_true([&] { return server.held() == 1; }));
  expect_quick_end();
}

TEST_F(Stop, WhileItWaits) {
  ApiServer server(*authority(), [&](std::size_t, const httplib::Request&, httplib::Response& response) {
    ApiServer::json(response, "", 403);
  });
  start_for_real(options(server.port()));
  ASSERT_TRUE(comes_true([&] { return watch_->numbers().backoff_ns > 0; }));
  expect_quick_end();
}

TEST_F(Stop, WhileNobodyTakesTheNews) {
  std::vector<std::string> pods;
  pods.reserve(KnownPods::kMost + 10);
  for (std::size_t i = 0; i < KnownPods::kMost + 10; ++i) {
    pods.push_back(pod_json("p" + std::to_string(i)));
  }
  ApiServer server(*authority(), [&](std::size_t, const httplib::Request&, httplib::Response& response) {
    ApiServer::json(response, list_json("1", pods));
  });
  start_for_real(options(server.port()));
  // All pods fit, the word that they are all does not.
  ASSERT_TRUE(comes_true([&] { return watch_->numbers().last_news_wall_ns > 0; }));
  EXPECT_FALSE(watch_->numbers().synced);
  expect_quick_end();
}

TEST_F(Stop, WhileNobodyAnswersTheConnection) {
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
  PodWatchOptions slow = options(ntohs(address.sin_port));
  slow.server.connect_timeout = std::chrono::hours(1);
  start_for_real(slow);
  ASSERT_TRUE(comes_true([&] { return watch_->numbers().lists == 1; }));
  expect_quick_end();
}

}  // namespace
}  // namespace bongsu
