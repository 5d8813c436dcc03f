// SPDX-License-Identifier: Apache-2.0
#include "kubernetes/pod_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace bongsu {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;

PodJson all() { return PodJson({KeyFilter({"*"}), KeyFilter({"*"})}); }

std::string metadata(const std::string& more) {
  return R"({"metadata":{"name":"n","namespace":"s","uid":"u")" + (more.empty() ? "" : "," + more) + "}}";
}
PodFacts pod_of(const std::string& more, PodJson json = all()) {
  const auto event = json.event(R"({"type":"ADDED","object":)" + metadata(more) + "}");
  EXPECT_TRUE(event && event->usable) << more;
  return event ? event->pod : PodFacts{};
}

TEST(PodJson, ReadsMetadataAndWholePodsAlike) {
  const std::string text = R"({"metadata":{"name":"web-7d4b9c5f6d-x2x4z","generateName":"web-7d4b9c5f6d-",
    "namespace":"shop","uid":"0f6f5d0e","resourceVersion":"1234","creationTimestamp":"2026-11-21T07:34:20Z",
    "labels":{"pod-template-hash":"7d4b9c5f6d","app":"web"},"annotations":{"a/b":"c"},
    "ownerReferences":[{"kind":"Other","name":"x"},
      {"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-7d4b9c5f6d","controller":true}],
    "managedFields":[{"manager":"m","fieldsV1":{"f:metadata":{"name":["deep"]}}}]},
    "spec":{"containers":[{"name":"c","env":[{"name":"metadata","value":"s"}]}]},"status":{"message":7}})";
  PodJson json = all();
  const auto event = json.event(R"({"object":)" + text + R"(,"type":"MODIFIED"})");
  ASSERT_TRUE(event && event->usable);
  EXPECT_EQ(event->type, PodEvent::Type::modified);
  EXPECT_EQ(event->resource_version, "1234");
  const PodFacts& pod = event->pod;
  EXPECT_EQ(pod.uid, "0f6f5d0e");
  EXPECT_EQ(pod.name, "web-7d4b9c5f6d-x2x4z");
  EXPECT_EQ(pod.namespace_name, "shop");
  EXPECT_THAT(pod.labels, ElementsAre(Pair("app", "web"), Pair("pod-template-hash", "7d4b9c5f6d")));
  EXPECT_THAT(pod.annotations, ElementsAre(Pair("a/b", "c")));
  EXPECT_EQ(pod.controller_kind, "ReplicaSet");
  EXPECT_EQ(pod.controller_name, "web-7d4b9c5f6d");
  EXPECT_EQ(pod.owner_kind, "Deployment");
  EXPECT_EQ(pod.owner_name, "web");
}

struct OwnerCase {
  const char* kind;
  const char* name;
  const char* labels;
  const char* owner_kind;
  const char* owner_name;
};

// The pod was created at 2026-11-21T07:34:20Z, which is in minute 29'920'774 since the epoch.
class Owner : public testing::TestWithParam<OwnerCase> {};
TEST_P(Owner, IsToldByNames) {
  const OwnerCase& test = GetParam();
  const PodFacts pod = pod_of(std::string(R"("creationTimestamp":"2026-11-21T07:34:20Z","labels":{)") + test.labels +
                                  R"(},"ownerReferences":[{"controller":true,"kind":")" + test.kind + R"(","name":")" +
                                  test.name + R"("}])",
                              PodJson({}));
  EXPECT_EQ(pod.controller_kind, test.kind);
  EXPECT_EQ(pod.controller_name, test.name);
  EXPECT_EQ(pod.owner_kind, test.owner_kind);
  EXPECT_EQ(pod.owner_name, test.owner_name);
  EXPECT_THAT(pod.labels, SizeIs(0));
}
INSTANTIATE_TEST_SUITE_P(
    All, Owner,
    testing::Values(OwnerCase{"ReplicaSet", "web-5d", R"("pod-template-hash":"5d")", "Deployment", "web"},
                    OwnerCase{"ReplicaSet", "a-b-5d", R"("pod-template-hash":"5d")", "Deployment", "a-b"},
                    OwnerCase{"ReplicaSet", "web-6d", R"("pod-template-hash":"5d")", "ReplicaSet", "web-6d"},
                    OwnerCase{"ReplicaSet", "web5d", R"("pod-template-hash":"5d")", "ReplicaSet", "web5d"},
                    OwnerCase{"ReplicaSet", "-5d", R"("pod-template-hash":"5d")", "ReplicaSet", "-5d"},
                    OwnerCase{"ReplicaSet", "web-", R"("pod-template-hash":"")", "ReplicaSet", "web-"},
                    OwnerCase{"ReplicaSet", "web-5d", "", "ReplicaSet", "web-5d"},
                    OwnerCase{"ReplicaSet", "web-5d", R"("rollouts-pod-template-hash":"5d")", "Rollout", "web"},
                    OwnerCase{"DaemonSet", "agent-5d", R"("pod-template-hash":"5d")", "DaemonSet", "agent-5d"},
                    OwnerCase{"Node", "node-1", "", "Node", "node-1"},
                    OwnerCase{"Job", "backup-29920774", "", "CronJob", "backup"},
                    OwnerCase{"Job", "backup-29920776", "", "CronJob",
                              "backup"},  // the clocks differ by less than two minutes
                    OwnerCase{"Job", "backup-29920777", "", "Job", "backup-29920777"},
                    OwnerCase{"Job", "backup-29919335", "", "CronJob", "backup"},  // 23 h 59 min late
                    OwnerCase{"Job", "backup-29919334", "", "Job", "backup-29919334"},
                    OwnerCase{"Job", "backup-029920774", "", "Job", "backup-029920774"},
                    OwnerCase{"Job", "backup-99999999999999999999", "", "Job", "backup-99999999999999999999"},
                    OwnerCase{"Job", "backup-", "", "Job", "backup-"}, OwnerCase{"Job", "backup", "", "Job", "backup"},
                    OwnerCase{"Job", "-29920774", "", "Job", "-29920774"}));

TEST(PodJson, AStaticPodHasTheHashThatItsCgroupHas) {
  EXPECT_EQ(pod_of(R"("annotations":{"kubernetes.io/config.hash":"c0ffee"})", PodJson({})).config_hash, "c0ffee");
}

TEST(PodJson, KeepsWhatTheFiltersKeepAndNoMoreThan64) {
  const PodFacts pod = pod_of(R"("labels":{"z":"1","app.kubernetes.io/name":"2","apps":"3","app":"4"},
                                 "annotations":{"a":"1"})",
                              PodJson({KeyFilter({"app", "app.kubernetes.io/*"}), {}}));
  EXPECT_THAT(pod.labels, ElementsAre(Pair("app", "4"), Pair("app.kubernetes.io/name", "2")));
  EXPECT_THAT(pod.annotations, SizeIs(0));

  std::string labels;
  for (int i = 0; i < 100; ++i) {
    labels += (i == 0 ? "\"l" : ",\"l") + std::to_string(i) + "\":\"v\"";
  }
  PodJson json = all();
  const auto event = json.event(R"({"type":"ADDED","object":)" +
                                metadata("\"labels\":{" + labels + ",\"" + std::string(318, 'k') + "\":\"v\"}") + "}");
  ASSERT_TRUE(event && event->usable);
  EXPECT_THAT(event->pod.labels, SizeIs(64));
  EXPECT_EQ(json.counters().dropped, 37U);
}

TEST(PodJson, CutsLongValuesBetweenCharacters) {
  PodJson json = all();
  const auto event = json.event(R"({"type":"ADDED","object":)" +
                                metadata(R"("annotations":{"a":"x)" +
                                         [] {
                                           std::string text;
                                           for (int i = 0; i < 600; ++i) {
                                             text += "é";
                                           }
                                           return text;
                                         }() +
                                         R"("},"labels":{"l":")" + std::string(64, 'l') + "\"}") +
                                "}");
  ASSERT_TRUE(event && event->usable);
  EXPECT_EQ(event->pod.annotations[0].second.size(), 1023U);  // 1024 would end within a character
  EXPECT_EQ(event->pod.labels[0].second.size(), 63U);
  EXPECT_EQ(json.counters().cut, 2U);
}

TEST(PodJson, OfPodsThatAreNoneItTellsNothing) {
  for (const char* bad :
       {R"({"metadata":{"name":"n","namespace":"s"}})", R"({"metadata":{"name":7,"namespace":"s","uid":"u"}})",
        R"({"metadata":{"name":"n","namespace":["s"],"uid":"u"}})", R"({"metadata":[]})", R"({"metadata":null})", "{}",
        R"({"metadata":{"name":"n","namespace":"s","uid":"u","labels":[]}})",
        R"({"metadata":{"name":"n","namespace":"s","uid":"u","labels":"x"}})",
        R"({"metadata":{"name":"n","namespace":"s","uid":"u","labels":{"a":1}}})",
        R"({"metadata":{"name":"n","namespace":"s","uid":"u","labels":{"a":{"b":"c"}}}})",
        R"({"metadata":{"name":"n","namespace":"s","uid":"u","ownerReferences":{}}})",
        R"({"metadata":{"name":"n","namespace":"s","uid":"u","ownerReferences":["x"]}})",
        R"({"metadata":{"name":"n","namespace":"s","uid":"u","ownerReferences":[{"controller":"true"}]}})", "7",
        "\"x\"", "null", "[]"}) {
    PodJson json = all();
    const auto event = json.event(std::string(R"({"type":"ADDED","object":)") + bad + "}");
    ASSERT_TRUE(event) << bad;
    EXPECT_FALSE(event->usable) << bad;
    EXPECT_EQ(json.counters().malformed, 1U) << bad;
  }
  for (const auto& [key, bytes] : {std::pair("uid", 129), std::pair("name", 254), std::pair("namespace", 64)}) {
    PodJson json = all();
    const auto event = json.event(
        R"({"type":"ADDED","object":)" +
        metadata(std::string("\"") + key + "\":\"" + std::string(static_cast<std::size_t>(bytes), 'x') + "\"") + "}");
    EXPECT_TRUE(event && !event->usable) << key;
  }
  // null is what Go writes for what is not there.
  EXPECT_EQ(pod_of(R"("labels":null,"annotations":null,"ownerReferences":null)").name, "n");
}

TEST(PodJson, AListHandsOutItsPodsAndPassesOverTheRest) {
  PodJson json = all();
  std::vector<std::string> names;
  const auto page = json.page(R"({"items":[{"metadata":{"name":"a","namespace":"s","uid":"1"}},7,{"metadata":{}},
       {"metadata":{"name":"b","namespace":"s","uid":"2"},"items":[{}],"object":{}}],
       "kind":"PodList","metadata":{"resourceVersion":"9","continue":"c"}})",
                              [&](PodFacts& pod) { names.push_back(pod.name); });
  EXPECT_FALSE(page);  // 7 is no object: so this is no list of the API's
  EXPECT_THAT(names, ElementsAre("a", "b"));
  EXPECT_EQ(json.counters().malformed, 1U);
}

TEST(PodJson, OnlyAListIsAList) {
  for (const char* bad :
       {"", "{}", "[]", "null", "<html>", R"({"kind":"PodList","metadata":{"resourceVersion":"9"},"items":[)",
        R"({"kind":"PodList","metadata":{}})", R"({"kind":"Pod","metadata":{"resourceVersion":"9"}})",
        R"({"kind":"PodList","metadata":{"resourceVersion":9}})",
        R"({"kind":"PodList","metadata":{"resourceVersion":"9"},"items":{}})",
        R"({"kind":"PodList","metadata":{"resourceVersion":"9"}} x)"}) {
    EXPECT_FALSE(all().page(bad, [](PodFacts&) {})) << bad;
  }
  // Go leaves nothing out of an empty list but may write null.
  const auto page =
      all().page(R"({"kind":"PodList","metadata":{"resourceVersion":"9"},"items":null})", [](PodFacts&) {});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->resource_version, "9");
  EXPECT_EQ(page->continuation, "");
}

TEST(PodJson, ReadsErrorsAndBookmarks) {
  PodJson json = all();
  const auto error = json.event(R"({"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"too old",
    "reason":"Expired","code":410,"details":{"retryAfterSeconds":3,"causes":[{"reason":"ResourceVersionTooLarge"}]}}})");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->type, PodEvent::Type::error);
  EXPECT_EQ(error->status.code, 410);
  EXPECT_EQ(error->status.reason, "Expired");
  EXPECT_EQ(error->status.message, "too old");
  EXPECT_EQ(error->status.retry_after_s, 3);
  EXPECT_TRUE(error->status.version_too_large);
  const auto bookmark = json.event(R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"77"}}})");
  ASSERT_TRUE(bookmark);
  EXPECT_EQ(bookmark->resource_version, "77");
  EXPECT_FALSE(json.event(R"({"type":"SOMETHING","object":{}})"));
  EXPECT_FALSE(json.event(R"({"type":7,"object":{}})"));
  EXPECT_EQ(json.counters().malformed, 0U);
}

TEST(PodJson, NestingEndsSomewhere) {
  for (const char* open : {"[", R"({"a":)", R"({"object":)"}) {
    std::string text = R"({"type":"ADDED","object":{"metadata":{"annotations":)";
    for (int i = 0; i < 1'000'000; ++i) {
      text += open;
    }
    EXPECT_FALSE(all().event(text)) << open;
  }
}

TEST(PodJson, EveryBeginningIsAnErrorOnly) {
  const std::string text = R"({"type":"ADDED","object":)" + metadata(R"("labels":{"a":"\u00e9"},
      "ownerReferences":[{"controller":true,"kind":"Job","name":"x-1"}],"generation":1.5e3,"x":[-1,true,null])") +
                           "}";
  EXPECT_TRUE(all().event(text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(all().event(std::string_view(text).substr(0, size)));
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char byte : {'\0', '"', '{', '}', '[', ']', ',', '7', '\xff'}) {
      std::string other = text;
      other[at] = byte;
      static_cast<void>(all().event(other));  // whatever it is, it comes back
    }
  }
}

}  // namespace
}  // namespace bongsu
