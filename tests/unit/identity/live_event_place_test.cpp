// SPDX-License-Identifier: Apache-2.0
//
// What an event shows of its container and its pod, from the bundle and from the API server's news.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "identity/identity.h"
#include "support/record_builder.h"

namespace bongsu {
namespace {

using test::kSecond;
using test::RecordBuilder;
using test::strings;
using test::text;
using test::Who;
using testing::ElementsAre;

const std::string kId(64, 'a');
const std::string kUid = "36b6d6be-73b1-465a-a369-b3985edafa09";
const std::string kPodPath = "/kubepods/burstable/pod" + kUid + "/" + kId;
const std::string kBarePath = "/some.slice/" + kId;

class FakeBundles final : public ContainerReader {
 public:
  explicit FakeBundles(std::vector<std::string>& asked) : asked_(asked) {}
  std::optional<ContainerFacts> read(std::string_view id, std::string_view runtime) override {
    asked_.push_back(std::string(runtime) + ":" + std::string(id.substr(0, 1)));
    return facts;
  }
  std::optional<ContainerFacts> facts;

 private:
  std::vector<std::string>& asked_;
};

ContainerFacts workload() {
  ContainerFacts facts;
  facts.runtime = "containerd";
  facts.name = "web";
  facts.image_name = "docker.io/library/nginx";
  facts.image_tag = "1.27";
  facts.image_hashes = {"sha256:1", "sha256:2"};
  facts.pod_name = "web-1";
  facts.pod_namespace = "shop";
  facts.pod_uid = kUid;
  return facts;
}

PodChange pod() {
  PodChange change;
  PodFacts& facts = change.facts;
  facts.uid = kUid;
  facts.name = "web-1-api";
  facts.namespace_name = "shop-api";
  facts.labels = {{"app", "web"}, {"tier", ""}};
  facts.controller_kind = "ReplicaSet";
  facts.controller_name = "web-5d4f";
  facts.owner_kind = "Deployment";
  facts.owner_name = "web";
  return change;
}

PodChange news(PodChange::Kind kind) {
  PodChange change;
  change.kind = kind;
  change.facts.uid = kUid;
  return change;
}

class LiveEventPlace : public testing::Test {
 protected:
  void make(bool pods_expected, std::optional<ContainerFacts> facts) {
    Identity::Options options;
    options.host_name = "node-1";
    options.node_name = "node-1";
    options.boot_id = "boot";
    options.pods_expected = pods_expected;
    auto bundles = std::make_unique<FakeBundles>(asked_);
    bundles_ = bundles.get();
    bundles_->facts = std::move(facts);
    options.containers = std::move(bundles);
    identity_ = std::make_unique<Identity>(std::move(options));
  }
  const LiveEvent& start(const std::string& path) {
    return event(RecordBuilder::cgroup_made(runc_, 0, 70, path).at(2 * kSecond));
  }
  const LiveEvent& exec(std::uint64_t at_ns) {
    return event(RecordBuilder::exec(init_).program("/bin/sh").cgroup_v2(70).at(at_ns));
  }
  const LiveEvent& event(const RecordBuilder& builder) {
    last_ = builder;
    const LiveEvent* event = identity_->observe(last_.record());
    EXPECT_NE(event, nullptr);
    return *event;
  }

  std::vector<std::string> asked_;
  FakeBundles* bundles_ = nullptr;
  std::unique_ptr<Identity> identity_;
  RecordBuilder last_ = RecordBuilder::exec({1, 1});
  const Who runc_{60, 1 * kSecond};
  const Who init_{61, 2 * kSecond};
};

TEST_F(LiveEventPlace, TheStartOfAContainerHasWhatItsBundleTells) {
  make(false, workload());
  const LiveEvent& event = start(kPodPath);
  EXPECT_EQ(text(event.value(FieldId::container_name)), "web");
  EXPECT_EQ(text(event.value(FieldId::k8s_container_name)), "web");
  EXPECT_EQ(text(event.value(FieldId::container_kind)), "workload");
  EXPECT_EQ(text(event.value(FieldId::container_runtime)), "containerd") << "its path does not tell";
  EXPECT_EQ(text(event.value(FieldId::container_image_name)), "docker.io/library/nginx");
  EXPECT_EQ(text(event.value(FieldId::container_image_tag)), "1.27");
  EXPECT_THAT(strings(event.value(FieldId::container_image_hash)), ElementsAre("sha256:1", "sha256:2"));
  EXPECT_FALSE(event.value(FieldId::container_privileged).boolean());
  EXPECT_TRUE(event.value(FieldId::container_privileged).has_value());
  EXPECT_EQ(text(event.value(FieldId::k8s_pod_name)), "web-1");
  EXPECT_EQ(text(event.value(FieldId::k8s_namespace_name)), "shop");
  EXPECT_EQ(text(event.value(FieldId::k8s_pod_uid)), kUid);
  EXPECT_EQ(text(event.value(FieldId::k8s_node_name)), "node-1");
  EXPECT_EQ(text(event.value(FieldId::k8s_owner_kind)), "(none)");
  EXPECT_EQ(text(event.value(FieldId::container_metadata)), "complete");
  EXPECT_FALSE(event.awaits_pod());
  EXPECT_FALSE(event.value(FieldId::container_setup).has_value());
}

TEST_F(LiveEventPlace, ABundleIsReadOnce) {
  make(false, workload());
  (void)start(kPodPath);
  (void)exec(3 * kSecond);
  (void)exec(4 * kSecond);
  EXPECT_THAT(asked_, ElementsAre(":a"));
}

TEST_F(LiveEventPlace, ABundleThatIsNotThereIsLookedForLessAndLess) {
  make(false, std::nullopt);
  EXPECT_EQ(text(start(kPodPath).value(FieldId::container_metadata)), "partial");
  EXPECT_FALSE(exec(3 * kSecond).value(FieldId::container_privileged).has_value());
  std::vector<std::uint64_t> at_ms;  // since it was first seen
  for (std::uint64_t ms = 0; ms < 300'000; ms += 10) {
    const std::size_t before = asked_.size();
    (void)exec((2 * kSecond) + (ms * 1'000'000));
    if (asked_.size() != before) {
      at_ms.push_back(ms);
    }
  }
  EXPECT_EQ(asked_.size(), 20U);
  EXPECT_EQ(identity_->counters().bundles_given_up, 1U);
}

TEST_F(LiveEventPlace, ABundleThatComesLateIsFound) {
  make(false, std::nullopt);
  (void)start(kPodPath);
  bundles_->facts = workload();
  EXPECT_EQ(text(exec((2 * kSecond) + 49'000'000).value(FieldId::container_name)), "(none)");
  EXPECT_EQ(text(exec((2 * kSecond) + 50'000'000).value(FieldId::container_name)), "web");
}

TEST_F(LiveEventPlace, OutsidePodsThereIsNoPod) {
  ContainerFacts facts = workload();
  facts.runtime = "docker";
  facts.pod_name = facts.pod_namespace = facts.pod_uid = "";
  make(true, facts);
  const LiveEvent& event = start(kBarePath);
  EXPECT_EQ(text(event.value(FieldId::container_runtime)), "docker");
  EXPECT_EQ(text(event.value(FieldId::container_name)), "web");
  EXPECT_EQ(text(event.value(FieldId::k8s_container_name)), "(none)");
  EXPECT_EQ(text(event.value(FieldId::container_metadata)), "complete");
  EXPECT_FALSE(event.awaits_pod());
}

TEST_F(LiveEventPlace, ThePodOfABundleCountsWhereThePathTellsNone) {
  make(true, workload());
  const LiveEvent& event = start(kBarePath);
  EXPECT_EQ(text(event.value(FieldId::k8s_pod_uid)), kUid);
  EXPECT_EQ(text(event.value(FieldId::k8s_pod_name)), "web-1");
}

TEST_F(LiveEventPlace, ThePathsPodGoesBeforeTheBundles) {
  ContainerFacts facts = workload();
  facts.pod_uid = "00000000-0000-0000-0000-000000000000";
  make(false, facts);
  EXPECT_EQ(text(start(kPodPath).value(FieldId::k8s_pod_uid)), kUid);
}

TEST_F(LiveEventPlace, TheApiServerTellsLabelsAndOwners) {
  make(true, workload());
  const LiveEvent& event = start(kPodPath);
  EXPECT_EQ(text(event.value(FieldId::container_metadata)), "partial");
  EXPECT_TRUE(event.awaits_pod());

  identity_->learn(pod());
  const LiveEvent& later = exec(3 * kSecond);
  EXPECT_FALSE(later.awaits_pod());
  EXPECT_EQ(text(later.value(FieldId::container_metadata)), "complete");
  EXPECT_EQ(text(later.value(FieldId::k8s_pod_name)), "web-1") << "as before";
  EXPECT_EQ(text(later.value(FieldId::k8s_replicaset_name)), "web-5d4f");
  EXPECT_EQ(text(later.value(FieldId::k8s_deployment_name)), "web");
  EXPECT_EQ(text(later.value(FieldId::k8s_daemonset_name)), "(none)");
  EXPECT_EQ(text(later.value(FieldId::k8s_owner_kind)), "Deployment");
  EXPECT_EQ(text(later.value(FieldId::k8s_owner_name)), "web");
  ASSERT_NE(later.pod(), nullptr);
  EXPECT_EQ(later.value(FieldId::k8s_pod_label).kind(), Value::Kind::string_map);
  std::vector<std::string> labels;
  (void)later.value(FieldId::k8s_pod_label).any_entry([&](std::string_view key, std::string_view value) {
    labels.push_back(std::string(key) + '=' + std::string(value));
    return false;
  });
  EXPECT_THAT(labels, ElementsAre("app=web", "tier="));
  EXPECT_FALSE(later.value(FieldId::k8s_pod_annotation).has_value());
  EXPECT_EQ(text(later.value(find_field("k8s.pod.label.app").value())), "web");
  EXPECT_EQ(identity_->pod_of(kUid), later.pod());

  // A pod that has gone is still that of its containers' last events.
  identity_->learn(news(PodChange::Kind::gone));
  EXPECT_EQ(text(exec(10 * kSecond).value(FieldId::k8s_deployment_name)), "web");
  EXPECT_EQ(text(exec(64 * kSecond).value(FieldId::k8s_deployment_name)), "(none)");
}

TEST_F(LiveEventPlace, EachKindOfOwnerHasItsField) {
  const std::map<std::string, FieldId> fields = {{"ReplicaSet", FieldId::k8s_replicaset_name},
                                                 {"Deployment", FieldId::k8s_deployment_name},
                                                 {"StatefulSet", FieldId::k8s_statefulset_name},
                                                 {"DaemonSet", FieldId::k8s_daemonset_name},
                                                 {"Job", FieldId::k8s_job_name},
                                                 {"CronJob", FieldId::k8s_cronjob_name}};
  make(true, workload());
  (void)start(kPodPath);
  std::uint64_t at_ns = 3 * kSecond;
  for (const auto& [kind, field] : fields) {
    PodChange change = pod();
    change.facts.controller_kind = change.facts.owner_kind = kind;
    change.facts.controller_name = change.facts.owner_name = "its-name";
    identity_->learn(change);
    const LiveEvent& event = exec(++at_ns);
    for (const auto& [other, value] : fields) {
      EXPECT_EQ(text(event.value(value)), other == kind ? "its-name" : "(none)") << kind;
    }
  }
  PodChange change = pod();
  change.facts.owner_kind = "Rollout";  // somebody's own resource
  identity_->learn(change);
  EXPECT_EQ(text(exec(++at_ns).value(FieldId::k8s_owner_kind)), "Rollout");
  EXPECT_EQ(text(exec(++at_ns).value(FieldId::k8s_deployment_name)), "(none)");
}

TEST_F(LiveEventPlace, TheApiServersNamesDoWhereThereIsNoBundle) {
  make(true, std::nullopt);
  identity_->learn(pod());
  const LiveEvent& event = start(kPodPath);
  EXPECT_EQ(text(event.value(FieldId::k8s_pod_name)), "web-1-api");
  EXPECT_EQ(text(event.value(FieldId::k8s_namespace_name)), "shop-api");
  EXPECT_EQ(text(event.value(FieldId::container_metadata)), "partial") << "no name, no image";
}

TEST_F(LiveEventPlace, NobodyWaitsForAnApiServerThatDoesNotAnswer) {
  make(true, workload());
  EXPECT_TRUE(start(kPodPath).awaits_pod());
  identity_->learn(news(PodChange::Kind::synced));
  EXPECT_TRUE(exec(3 * kSecond).awaits_pod());
  identity_->learn(news(PodChange::Kind::unsynced));
  const LiveEvent& event = exec(4 * kSecond);
  EXPECT_FALSE(event.awaits_pod());
  EXPECT_EQ(text(event.value(FieldId::container_metadata)), "partial");
}

TEST_F(LiveEventPlace, ASandboxIsCompleteWithoutAName) {
  ContainerFacts facts = workload();
  facts.kind = ContainerFacts::Kind::sandbox;
  facts.name = facts.image_name = "";
  facts.image_hashes.clear();
  facts.privileged = true;
  make(false, facts);
  const LiveEvent& event = start(kPodPath);
  EXPECT_EQ(text(event.value(FieldId::container_kind)), "sandbox");
  EXPECT_EQ(text(event.value(FieldId::container_metadata)), "complete");
  EXPECT_TRUE(event.value(FieldId::container_privileged).boolean());
}

TEST_F(LiveEventPlace, TheHostHasNoneOfIt) {
  make(true, workload());
  const LiveEvent& event = this->event(RecordBuilder::exec(init_).program("/bin/sh"));
  for (const FieldId field : {FieldId::container_metadata, FieldId::container_setup, FieldId::container_kind,
                              FieldId::k8s_pod_name, FieldId::k8s_owner_kind, FieldId::container_privileged}) {
    EXPECT_FALSE(event.value(field).has_value());
  }
  EXPECT_EQ(text(event.value(FieldId::k8s_node_name)), "node-1");
  EXPECT_FALSE(event.awaits_pod());
  EXPECT_TRUE(asked_.empty());
}

}  // namespace
}  // namespace bongsu
