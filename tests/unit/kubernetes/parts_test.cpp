// SPDX-License-Identifier: Apache-2.0
//
// The small parts: the feed, lines, known pods, discovery, the check for doctor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <future>
#include <string>
#include <vector>

#include "kubernetes/api_check.h"
#include "kubernetes/discover.h"
#include "kubernetes/known_pods.h"
#include "kubernetes/line_buffer.h"
#include "kubernetes/pod_feed.h"
#include "unit/kubernetes/api_server.h"

namespace bongsu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using Kind = PodChange::Kind;

PodChange known(const std::string& uid) {
  PodChange change;
  change.facts.uid = uid;
  return change;
}
PodChange synced() { return {Kind::synced, {}}; }
std::vector<Kind> take(PodFeed& feed) {
  std::vector<PodChange> changes;
  feed.take(changes);
  std::vector<Kind> kinds;
  kinds.reserve(changes.size());
  for (const PodChange& change : changes) {
    kinds.push_back(change.kind);
  }
  return kinds;
}
bool readable(const PodFeed& feed) {
  pollfd poll{feed.fd(), POLLIN, 0};
  return ::poll(&poll, 1, 0) == 1;
}

TEST(PodFeed, WakesWhoWaitsForIt) {
  TestClock clock;
  PodFeed feed(clock);
  EXPECT_FALSE(readable(feed));
  EXPECT_TRUE(feed.put(known("a")));
  EXPECT_TRUE(feed.put(synced()));
  EXPECT_TRUE(readable(feed));
  EXPECT_THAT(take(feed), ElementsAre(Kind::known, Kind::synced));
  EXPECT_FALSE(readable(feed));
  EXPECT_THAT(take(feed), SizeIs(0));
}

TEST(PodFeed, ALossIsToldOnceAndOnlyAfterTheGrace) {
  TestClock clock;
  PodFeed feed(clock);
  clock.now += PodFeed::kGraceNs - 1;
  EXPECT_THAT(take(feed), SizeIs(0));
  clock.now += 1;
  EXPECT_THAT(take(feed), ElementsAre(Kind::unsynced));  // nobody has answered at all
  EXPECT_TRUE(feed.put(synced()));
  feed.lost("a");
  clock.now += PodFeed::kGraceNs - 1;
  feed.lost("b");  // does not begin it anew
  EXPECT_THAT(take(feed), ElementsAre(Kind::synced));
  feed.regained();
  clock.now += PodFeed::kGraceNs;
  EXPECT_THAT(take(feed), SizeIs(0));
  EXPECT_TRUE(feed.synced());
  feed.lost("c");
  EXPECT_FALSE(feed.synced());
  clock.now += PodFeed::kGraceNs;
  std::vector<PodChange> changes;
  feed.take(changes);
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].facts.name, "c");
  feed.lost("d", true);
  EXPECT_THAT(take(feed), SizeIs(0));
  feed.regained();
  EXPECT_THAT(take(feed), ElementsAre(Kind::synced));
  feed.lost("e", true);
  EXPECT_TRUE(readable(feed));
  EXPECT_THAT(take(feed), ElementsAre(Kind::unsynced));
}

TEST(PodFeed, WhoPutsWaitsWhileItIsFull) {
  TestClock clock;
  PodFeed feed(clock);
  for (std::size_t i = 0; i < PodFeed::kMostChanges; ++i) {
    ASSERT_TRUE(feed.put(known(std::to_string(i))));
  }
  auto put = std::async(std::launch::async, [&] { return feed.put(known("last")); });
  EXPECT_EQ(put.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  EXPECT_THAT(take(feed), SizeIs(PodFeed::kMostChanges));
  EXPECT_TRUE(put.get());
  EXPECT_THAT(take(feed), SizeIs(1));
  for (std::size_t i = 0; i < PodFeed::kMostChanges; ++i) {
    ASSERT_TRUE(feed.put(known(std::to_string(i))));
  }
  put = std::async(std::launch::async, [&] { return feed.put(known("never")); });
  feed.close();
  EXPECT_FALSE(put.get());
}

TEST(PodFeed, BytesCountToo) {
  TestClock clock;
  PodFeed feed(clock);
  PodChange large = known("a");
  large.facts.annotations.emplace_back("k", std::string(PodFeed::kMostBytes, 'x'));
  ASSERT_TRUE(feed.put(large));
  auto put = std::async(std::launch::async, [&] { return feed.put(known("b")); });
  EXPECT_EQ(put.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  EXPECT_THAT(take(feed), SizeIs(1));
  EXPECT_TRUE(put.get());
}

TEST(LineBuffer, TakesLinesHoweverTheyAreCut) {
  const std::string text = "one\n\ntwo\nthree\nrest";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    LineBuffer buffer(5);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size(); at += size) {
      EXPECT_TRUE(buffer.add(std::string_view(text).substr(at, size), [&](std::string_view line) {
        lines.emplace_back(line);
        return true;
      }));
    }
    EXPECT_THAT(lines, ElementsAre("one", "two", "three"));
    EXPECT_TRUE(buffer.within_line());
    EXPECT_FALSE(buffer.add("56", [](std::string_view) { return true; }));
    EXPECT_TRUE(buffer.too_long());
  }
}

TEST(KnownPods, TellsWhatIsNewOrOtherAndWhatIsGone) {
  KnownPods pods;
  PodFacts pod;
  pod.uid = "a";
  EXPECT_TRUE(pods.learn(pod));
  EXPECT_FALSE(pods.learn(pod));
  pod.labels = {{"k", "v"}};
  EXPECT_TRUE(pods.learn(pod));
  std::swap(pod.labels, pod.annotations);
  EXPECT_TRUE(pods.learn(pod));
  pods.begin_list();
  PodFacts other;
  other.uid = "b";
  EXPECT_TRUE(pods.learn(other));
  EXPECT_THAT(pods.end_list(), ElementsAre("a"));
  EXPECT_TRUE(pods.forget("b"));
  EXPECT_FALSE(pods.forget("b"));
  for (std::size_t i = 0; i < KnownPods::kMost + 3; ++i) {
    pod.uid = std::to_string(i);
    static_cast<void>(pods.learn(pod));
  }
  EXPECT_EQ(pods.size(), KnownPods::kMost);
  EXPECT_EQ(pods.refused(), 3U);
}

class Discovery : public ApiTest {
 protected:
  Discovery() {
    std::filesystem::create_directories(authority()->folder() / "account");
    std::filesystem::copy(authority()->path("ca.pem"), authority()->path("account/ca.crt"),
                          std::filesystem::copy_options::overwrite_existing);
    std::ofstream(authority()->path("account/token")) << "t";
    place_.directory = authority()->path("account");
    place_.host = "127.0.0.1";
    place_.port = "443";
    place_.node = "node-1";
  }
  ApiPlace place_;
};

TEST_F(Discovery, FindsWhatAPodIsGiven) {
  const auto found = discover_api(place_);
  ASSERT_TRUE(found && found->options) << found->why_not;
  EXPECT_EQ(found->options->server.host, "127.0.0.1");
  EXPECT_EQ(found->options->server.port, 443);
  EXPECT_EQ(found->options->server.ca_file, place_.directory + "/ca.crt");
  EXPECT_EQ(found->options->server.token_file, place_.directory + "/token");
  EXPECT_EQ(found->options->node, "node-1");
}

TEST_F(Discovery, SaysWhatIsMissingAsAReasonOrAsAnError) {
  const auto expect = [&](const ApiPlace& place, const std::string& reason) {
    ApiPlace asked = place;
    const auto automatic = discover_api(asked);
    ASSERT_TRUE(automatic);
    EXPECT_FALSE(automatic->options);
    EXPECT_THAT(automatic->why_not, HasSubstr(reason));
    asked.use = ApiPlace::Use::on;
    const auto on = discover_api(asked);
    ASSERT_FALSE(on);
    EXPECT_THAT(on.error().to_string(), HasSubstr("kubernetes.api is on, but " + reason));
    EXPECT_FALSE(on.error().hint.empty());
    asked.use = ApiPlace::Use::off;
    EXPECT_EQ(discover_api(asked)->why_not, "kubernetes.api is off");
  };
  ApiPlace place = place_;
  place.host = "";
  expect(place, "KUBERNETES_SERVICE_HOST is not set");
  place = place_;
  place.port = "https";
  expect(place, "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no host and port");
  place = place_;
  place.node = "";
  expect(place, "the node's name is not known");
  place.node = "a,metadata.name=b";
  expect(place, "kubernetes.node_name is no name of a node");
  place = place_;
  std::filesystem::remove(place_.directory + "/token");
  expect(place, place_.directory + "/token: No such file or directory");
}

TEST_F(Discovery, DoctorTriesListAndWatch) {
  std::atomic<int> status = 200;
  ApiServer server(*authority(), [&](std::size_t, const httplib::Request& request, httplib::Response& response) {
    if (!ApiServer::is_watch(request)) {
      ApiServer::json(response, list_json("1", {pod_json("a"), pod_json("b")}));
    } else if (status == 200) {
      ApiServer::chunks(response, bookmark_json("2"));
    } else {
      ApiServer::json(response, status_json(403, "Forbidden"), 403);
    }
  });
  place_.port = std::to_string(server.port());
  auto lines = check_api(place_, clock_);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_TRUE(lines[0].good && lines[1].good);
  EXPECT_THAT(lines[0].text, HasSubstr("2 on node-1, from 127.0.0.1:"));
  status = 403;
  lines = check_api(place_, clock_);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_FALSE(lines[1].good);
  EXPECT_THAT(lines[1].text, HasSubstr("the service account needs watch on pods"));
  place_.host = "";
  lines = check_api(place_, clock_);
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_TRUE(lines[0].good);
  EXPECT_THAT(lines[0].text, HasSubstr("without the API server: "));
  place_.use = ApiPlace::Use::on;
  EXPECT_FALSE(check_api(place_, clock_)[0].good);
}

}  // namespace
}  // namespace bongsu
