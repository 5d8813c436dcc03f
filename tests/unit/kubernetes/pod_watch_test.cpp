// SPDX-License-Identifier: Apache-2.0
//
// The watch against a real TLS server: what it asks, what it tells, and how it goes on after what a server says.
#include "kubernetes/pod_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/kubernetes/api_server.h"

namespace bongsu {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::SizeIs;

class Watch : public ApiTest {};

TEST_F(Watch, ListsThenWatchesFromThereOnOneConnection) {
  ApiServer server(*authority(), [&](std::size_t index, const httplib::Request&, httplib::Response& response) {
    index == 0 ? ApiServer::json(response, list_json("100", {pod_json("a"), pod_json("b")}))
               : server.stream(response, event_json("ADDED", pod_json("c", "101")) +
                                             event_json("DELETED", pod_json("a", "102")) + bookmark_json("150"));
  });
  start(server.port());
  ASSERT_TRUE(tells({"+a", "+b", "synced", "+c", "-uid-a"}));
  const auto requests = server.requests();
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_EQ(requests[0].target, "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1&limit=500&resourceVersion=0");
  EXPECT_EQ(requests[0].get_header_value("Accept"),
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json");
  EXPECT_EQ(requests[0].get_header_value("Authorization"), "Bearer token-1");
  EXPECT_THAT(requests[0].get_header_value("User-Agent"), HasSubstr("bongsu/"));
  EXPECT_THAT(requests[1].target, HasSubstr("&watch=1&allowWatchBookmarks=true&resourceVersion=100&timeoutSeconds="));
  EXPECT_EQ(requests[1].get_header_value("Accept"),
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json");
  EXPECT_EQ(requests[0].remote_port, requests[1].remote_port);
  const int timeout_s = std::stoi(requests[1].get_param_value("timeoutSeconds"));
  EXPECT_GE(timeout_s, 300);
  EXPECT_LE(timeout_s, 600);
  EXPECT_TRUE(comes_true([&] { return watch_->numbers().events[3] == 1; }));
  const PodWatchNumbers numbers = watch_->numbers();
  EXPECT_TRUE(numbers.synced);
  EXPECT_EQ(numbers.lists, 1U);
  EXPECT_EQ(numbers.watches, 1U);
  EXPECT_EQ(numbers.pods, 2U);
  EXPECT_THAT(numbers.events, ElementsAre(1, 0, 1, 1, 0));
  EXPECT_THAT(watch_->status(), HasSubstr("watching 2 pods of node-1 at 127.0.0.1:"));
}

TEST_F(Watch, TakesAListByPages) {
  ApiServer server(*authority(), [&](std::size_t index, const httplib::Request&, httplib::Response& response) {
    index == 0   ? ApiServer::json(response, list_json("100", {pod_json("a")}, "more=1&x"))
    : index == 1 ? ApiServer::json(response, list_json("100", {pod_json("b")}))
                 : server.stream(response, "");
  });
  start(server.port());
  ASSERT_TRUE(tells({"+a", "+b", "synced"}));
  EXPECT_EQ(server.requests()[1].target,
            "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1&limit=500&continue=more%3D1%26x");
}

TEST_F(Watch, GoesOnWhereTheLastBookmarkWas) {
  ApiServer server(*authority(), [&](std::size_t index, const httplib::Request&, httplib::Response& response) {
    index == 0   ? ApiServer::json(response, list_json("100", {pod_json("a")}))
    : index == 1 ? ApiServer::chunks(response, bookmark_json("170"))
                 : server.stream(response, event_json("MODIFIED", pod_json("a", "171", R"(,"labels":{"x":"y"})")));
  });
  start(server.port());
  ASSERT_TRUE(tells({"+a", "synced", "+a"}));
  EXPECT_THAT(last_.facts.labels, SizeIs(1));
  EXPECT_THAT(server.requests()[2].target, HasSubstr("resourceVersion=170&"));
  EXPECT_EQ(watch_->numbers().lists, 1U);
}

TEST_F(Watch, DoesNotTellWhatIsAsItWas) {
  ApiServer server(*authority(), [&](std::size_t index, const httplib::Request&, httplib::Response& response) {
    index == 0 ? ApiServer::json(response, list_json("100", {pod_json("a")}))
               : server.stream(response, event_json("MODIFIED", pod_json("a", "101")) +
                                             event_json("MODIFIED", pod_json("a", "102")) +
                                             event_json("DELETED", pod_json("unknown", "103")) +
                                             event_json("ADDED", pod_json("b", "104")));
  });
  start(server.port());
  EXPECT_TRUE(tells({"+a", "synced", "+b"}));
}

// 410 as the answer's status, and as the first event.
class Expired : public Watch, public testing::WithParamInterface<bool> {};
TEST_P(Expired, IsListedAnewAndTellsWhatIsGone) {
  ApiServer server(*authority(), [&](std::size_t index, const httplib::Request&, httplib::Response& response) {
    if (index == 0) {
      ApiServer::json(response, list_json("100", {pod_json("a"), pod_json("b")}));
    } else if (index == 1 && GetParam()) {
      ApiServer::json(response, status_json(410, "Expired"), 410);
    } else if (index == 1) {
      ApiServer::chunks(response, event_json("ERROR", status_json(410, "Expired")));
    } else if (index == 2) {
      ApiServer::json(response, list_json("200", {pod_json("b", "150"), pod_json("c")}));
    } else {
      server.stream(response, "");
    }
  });
  start(server.port());
  ASSERT_TRUE(tells({"+a", "+b", "synced", "+c", "-uid-a", "synced"}));
  // Not older than what is known, and without a limit, so that it is served from the server's cache.
  EXPECT_EQ(server.requests()[2].target, "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1&resourceVersion=100");
  EXPECT_THAT(pause_->waits(), SizeIs(1));
  EXPECT_LE(pause_->waits()[0], seconds(1));
  EXPECT_EQ(watch_->numbers().relists, 1U);
}
INSTANTIATE_TEST_SUITE_P(BothShapes, Expired, testing::Bool());

TEST_F(Watch, AListThatExpiresBetweenItsPagesBeginsAgainWithTheNewest) {
  ApiServer server(*authority(), [&](std::size_t index, const httplib::Request&, httplib::Response& response) {
    index == 0   ? ApiServer::json(response, list_json("100", {pod_json("a"), pod_json("b")}, "c"))
    : index == 1 ? ApiServer::json(response, status_json(410, "Expired"), 410)
    : index == 2 ? ApiServer::json(response, list_json("200", {pod_json("b")}))
                 : server.stream(response, "");
  });
  start(server.port());
  ASSERT_TRUE(tells({"+a", "+b", "-uid-a", "synced"}));
  EXPECT_EQ(server.requests()[2].target, "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1&limit=500");
}

TEST_F(Watch, AVersionThatTheServerHasLostIsForgotten) {
  ApiServer server(*authority(), [&](std::size_t index, const httplib::Request&, httplib::Response& response) {
    index == 0 ? ApiServer::json(response, list_json("100", {pod_json("a")}))
    : index == 1
        ? ApiServer::json(
              response, status_json(504, "Timeout", R"(,"details":{"causes":[{"reason":"ResourceVersionTooLarge"}]})"),
              504)
    : index == 2 ? ApiServer::json(response, list_json("7", {pod_json("b")}))
                 : server.stream(response, "");
  });
  start(server.port());
  ASSERT_TRUE(tells({"+a", "synced", "+b", "-uid-a", "synced"}));
  EXPECT_THAT(server.requests()[2].target, testing::EndsWith("&limit=500"));
  EXPECT_TRUE(comes_true([&] { return server.count() == 4; }));
  EXPECT_THAT(server.requests()[3].target, HasSubstr("resourceVersion=7&"));
}

TEST_F(Watch, TakesANewTokenWhenTheFileHasOne) {
  ApiServer server(*authority(), [&](std::size_t index, const httplib::Request&, httplib::Response& response) {
    if (index == 0) {
      ApiServer::json(response, list_json("100", {}));
      write_token("token-2");
    } else if (index == 1) {
      ApiServer::json(response, status_json(401, "Unauthorized"), 401);
      write_token("token-3");
    } else {
      server.stream(response, event_json("ADDED", pod_json("a", "101")));
    }
  });
  start(server.port());
  ASSERT_TRUE(tells({"synced", "+a"}));
  const auto requests = server.requests();
  EXPECT_EQ(requests[0].get_header_value("Authorization"), "Bearer token-1");
  EXPECT_EQ(requests[1].get_header_value("Authorization"), "Bearer token-2");
  EXPECT_EQ(requests[2].get_header_value("Authorization"), "Bearer token-3");
  EXPECT_THAT(pause_->waits(), SizeIs(0));
}

TEST_F(Watch, WhoIsNotLetInTriesOnSlowlyAndSaysSoAtOnce) {
  ApiServer server(*authority(), [&](std::size_t index, const httplib::Request&, httplib::Response& response) {
    ApiServer::json(response, status_json(index < 3 ? 403 : 401, index < 3 ? "Forbidden" : "Unauthorized"),
                    index < 3 ? 403 : 401);
  });
  start(server.port(), 6);
  ASSERT_TRUE(comes_true([&] { return pause_->waits().size() == 6; }));
  for (const nanoseconds wait : pause_->waits()) {
    EXPECT_GE(wait, seconds(15));
    EXPECT_LE(wait, seconds(30));
  }
  EXPECT_TRUE(tells({"unsynced"}));
  EXPECT_THAT(last_.facts.name, HasSubstr("401: words for Unauthorized"));
  const PodWatchNumbers numbers = watch_->numbers();
  EXPECT_FALSE(numbers.synced);
  EXPECT_EQ(numbers.errors[static_cast<std::size_t>(ApiError::forbidden)], 3U);
  EXPECT_EQ(numbers.errors[static_cast<std::size_t>(ApiError::unauthorized)], 3U);
  EXPECT_GT(numbers.backoff_ns, 0);
  EXPECT_THAT(watch_->status(), HasSubstr("not in step with node-1"));
}

// Each failure in a row: at most double of the one before, from half a second to half a minute.
void expect_backoff(const std::vector<nanoseconds>& waits) {
  nanoseconds most = milliseconds(500);
  nanoseconds sum{0};
  for (const nanoseconds wait : waits) {
    EXPECT_LE(wait, std::max<nanoseconds>(most, seconds(1)));  // two watches begin a second apart
    most = std::min<nanoseconds>(most * 2, seconds(30));
    sum += wait;
  }
  EXPECT_GT(sum, seconds(10));
}

TEST_F(Watch, WaitsLongerAfterEachFailure) {
  ApiServer server(*authority(), [&](std::size_t, const httplib::Request&, httplib::Response& response) {
    ApiServer::json(response, "no", 500);
  });
  start(server.port(), 12);
  ASSERT_TRUE(comes_true([&] { return pause_->waits().size() == 12; }));
  expect_backoff(pause_->waits());
  EXPECT_EQ(server.count(), 12U);
}

TEST_F(Watch, AServerThatEndsEachWatchAtOnceIsAskedEverLessOften) {
  ApiServer server(*authority(), [&](std::size_t, const httplib::Request& request, httplib::Response& response) {
    ApiServer::is_watch(request) ? ApiServer::chunks(response, "")
                                 : ApiServer::json(response, list_json("100", {pod_json("a")}));
  });
  start(server.port(), 12);
  ASSERT_TRUE(comes_true([&] { return pause_->waits().size() == 12; }));
  expect_backoff(pause_->waits());
  EXPECT_EQ(watch_->numbers().watches, 12U);
  EXPECT_THAT(watch_->numbers().lists, Ge(2U));  // perhaps it is the version
  EXPECT_LE(watch_->numbers().lists, 9U);
}

TEST_F(Watch, AServerThatExpiresEachVersionIsAskedEverLessOften) {
  ApiServer server(*authority(), [&](std::size_t index, const httplib::Request& request, httplib::Response& response) {
    ApiServer::is_watch(request) ? ApiServer::json(response, status_json(410, "Expired"), 410)
                                 : ApiServer::json(response, list_json(std::to_string(index), {pod_json("a")}));
  });
  start(server.port(), 12);
  ASSERT_TRUE(comes_true([&] { return pause_->waits().size() == 12; }));
  expect_backoff(pause_->waits());
}

TEST_F(Watch, EvenGoodWatchesBeginASecondApart) {
  ApiServer server(*authority(), [&](std::size_t index, const httplib::Request& request, httplib::Response& response) {
    ApiServer::is_watch(request) ? ApiServer::chunks(response, bookmark_json(std::to_string(index + 100)))
                                 : ApiServer::json(response, list_json("100", {}));
  });
  start(server.port(), 10);
  ASSERT_TRUE(comes_true([&] { return pause_->waits().size() == 10; }));
  EXPECT_THAT(pause_->waits(), testing::Each(nanoseconds(seconds(1))));
  EXPECT_EQ(watch_->numbers().lists, 1U);
}

TEST_F(Watch, HonoursRetryAfterButNotForEver) {
  ApiServer server(*authority(), [&](std::size_t index, const httplib::Request&, httplib::Response& response) {
    response.set_header("Retry-After", index == 0 ? "7" : "999999");
    ApiServer::json(response, status_json(429, "TooManyRequests"), index == 1 ? 503 : 429);
  });
  start(server.port(), 2);
  ASSERT_TRUE(comes_true([&] { return pause_->waits().size() == 2; }));
  EXPECT_GE(pause_->waits()[0], seconds(7));
  EXPECT_LE(pause_->waits()[0], milliseconds(7500));
  EXPECT_GE(pause_->waits()[1], seconds(300));
  EXPECT_LE(pause_->waits()[1], seconds(301));
}

TEST_F(Watch, AnOutageIsToldOnceAndItsEndToo) {
  ApiServer* first = nullptr;
  auto server = std::make_unique<ApiServer>(
      *authority(), [&](std::size_t, const httplib::Request& request, httplib::Response& response) {
        ApiServer::is_watch(request) ? first->stream(response, "")
                                     : ApiServer::json(response, list_json("100", {pod_json("a")}));
      });
  first = server.get();
  const int port = server->port();
  start(port);
  ASSERT_TRUE(tells({"+a", "synced"}));
  ASSERT_TRUE(comes_true([&] { return server->held() == 1; }));
  server.reset();
  ASSERT_TRUE(tells({"+a", "synced", "unsynced"}));
  ASSERT_TRUE(comes_true([&] { return pause_->waits().size() > 20; }));
  EXPECT_FALSE(watch_->numbers().synced);
  // Back, and nothing was missed: the watch goes on, without a new list.
  ApiServer again(
      *authority(),
      [&](std::size_t, const httplib::Request&, httplib::Response& response) {
        again.stream(response, event_json("ADDED", pod_json("b", "101")));
      },
      "server", port);
  ASSERT_EQ(again.port(), port);
  EXPECT_TRUE(tells({"+a", "synced", "unsynced", "synced", "+b"}));
  EXPECT_EQ(watch_->numbers().lists, 1U);
  watch_.reset();
}

struct Lie {
  const char* name;
  bool in_list;
  std::string text;
  ApiError error;
};
class Lies : public Watch, public testing::WithParamInterface<Lie> {};
TEST_P(Lies, AreAFailureAndNothingIsTold) {
  ApiServer server(*authority(), [&](std::size_t, const httplib::Request& request, httplib::Response& response) {
    if (ApiServer::is_watch(request)) {
      ApiServer::chunks(response, GetParam().text);
    } else {
      ApiServer::json(response, GetParam().in_list ? GetParam().text : list_json("100", {pod_json("a")}));
    }
  });
  start(server.port(), 3);
  ASSERT_TRUE(comes_true([&] { return pause_->waits().size() == 3; }));
  EXPECT_EQ(watch_->numbers().errors[static_cast<std::size_t>(GetParam().error)], 3U);
  for (const std::string& word : told()) {
    EXPECT_THAT(word, testing::AnyOf("+a", "synced", "unsynced"));  // nothing is gone because of it
  }
}
INSTANTIATE_TEST_SUITE_P(
    All, Lies,
    testing::Values(
        Lie{"html", true, "<html><body>Welcome</body></html>", ApiError::malformed},
        Lie{"half", true, list_json("1", {pod_json("a")}).substr(0, 250), ApiError::malformed},
        Lie{"object", true, "{}", ApiError::malformed}, Lie{"pod", true, pod_json("a"), ApiError::malformed},
        Lie{"status", true, status_json(200, "Success"), ApiError::malformed},
        Lie{"empty", true, "", ApiError::malformed}, Lie{"html_watch", false, "<html>\n", ApiError::malformed},
        Lie{"half_watch", false, event_json("ADDED", pod_json("b")).substr(0, 99), ApiError::broken},
        Lie{"list_watch", false, list_json("1", {}), ApiError::malformed},
        Lie{"error_watch", false, event_json("ERROR", status_json(500, "InternalError")), ApiError::server}),
    [](const auto& test) { return test.param.name; });

TEST_F(Watch, APodThatCannotBeReadTakesNothingElseWithIt) {
  ApiServer server(*authority(), [&](std::size_t index, const httplib::Request&, httplib::Response& response) {
    index == 0
        ? ApiServer::json(response, list_json("100", {pod_json("a"), R"({"metadata":{"uid":7}})", pod_json("b")}))
        : server.stream(response, event_json("ADDED", R"({"metadata":{"name":[],"resourceVersion":"101"}})") +
                                      event_json("ADDED", pod_json("c", "102")));
  });
  start(server.port());
  EXPECT_TRUE(tells({"+a", "+b", "synced", "+c"}));
  EXPECT_EQ(watch_->numbers().objects.malformed, 1U);  // the list's; the watch's is counted when it ends
}

TEST_F(Watch, ALineWithoutEndIsLeftAfterEightMebibytes) {
  std::atomic<std::size_t> sent = 0;
  ApiServer server(*authority(), [&](std::size_t index, const httplib::Request&, httplib::Response& response) {
    if (index != 1) {
      index == 0 ? ApiServer::json(response, list_json("100", {pod_json("a")})) : server.stream(response, "");
      return;
    }
    response.set_chunked_content_provider("application/json", [&](std::size_t, httplib::DataSink& sink) {
      const std::string block(std::size_t{1} << 20, 'x');
      sent += block.size();
      return sent < (std::size_t{1} << 30) && sink.write(block.data(), block.size());
    });
  });
  start(server.port(), 2);
  ASSERT_TRUE(comes_true([&] { return pause_->waits().size() == 1; }));
  EXPECT_EQ(watch_->numbers().errors[static_cast<std::size_t>(ApiError::oversized)], 1U);
  EXPECT_LT(watch_->numbers().bytes, std::size_t{9} << 20);
  EXPECT_LT(sent, std::size_t{64} << 20);  // what fits the buffers of both sockets
}

}  // namespace
}  // namespace bongsu
