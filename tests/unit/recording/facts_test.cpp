// SPDX-License-Identifier: Apache-2.0
//
// Bundles and pods in a recording: what a replay shows of containers is what the run showed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "recording/facts_json.h"
#include "unit/recording/recording_testing.h"

namespace bongsu {
namespace {

using test::kSecond;
using test::RecordBuilder;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kUid = "36b6d6be-73b1-465a-a369-b3985edafa09";

ContainerFacts container() {
  ContainerFacts facts;
  facts.kind = ContainerFacts::Kind::sandbox;
  facts.privileged = true;
  facts.runtime = "containerd";
  facts.name = "web \"1\"";
  facts.image_name = "nginx";
  facts.image_tag = "1.27";
  facts.image_hashes = {"sha256:1", "sha256:2"};
  facts.pod_name = "web-1";
  facts.pod_namespace = "shop";
  facts.pod_uid = kUid;
  facts.sandbox_id = "5e4d";
  return facts;
}

PodChange pod(PodChange::Kind kind = PodChange::Kind::known) {
  PodChange change;
  change.kind = kind;
  PodFacts& facts = change.facts;
  facts.uid = kUid;
  facts.name = "web-1";
  facts.namespace_name = "shop";
  facts.labels = {{"", "no key"}, {"app", "web"}, {"line\nbreak", "\"quoted\""}};
  facts.annotations = {{"a", ""}};
  facts.controller_kind = "ReplicaSet";
  facts.controller_name = "web-5d4f";
  facts.owner_kind = "Deployment";
  facts.owner_name = "web";
  facts.config_hash = "8b5c";
  return change;
}

TEST(FactsJson, ComeBack) {
  EXPECT_EQ(parse_container_facts(container_facts_json(container())), container());
  EXPECT_EQ(parse_container_facts(container_facts_json({})), ContainerFacts{});
  for (const auto kind :
       {PodChange::Kind::known, PodChange::Kind::gone, PodChange::Kind::synced, PodChange::Kind::unsynced}) {
    const auto again = parse_pod_change(pod_change_json(pod(kind)));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->kind, kind);
    EXPECT_EQ(again->facts, pod().facts);
  }
}

TEST(FactsJson, OtherThingsAreNone) {
  for (const char* text : {"", "{", "[]", "1", R"({"change":"other"})", R"({"change":1})", "{}"}) {
    EXPECT_FALSE(parse_pod_change(text).has_value()) << text;
  }
  for (const char* text : {"", "{", "[]", "1"}) {
    EXPECT_FALSE(parse_container_facts(text).has_value()) << text;
  }
  EXPECT_EQ(parse_container_facts(R"({"name":1,"privileged":"yes","image_hashes":{}})"), ContainerFacts{});
  EXPECT_TRUE(parse_pod_change(R"({"change":"known","labels":[1],"uid":{}})").has_value());
}

class FakeBundles final : public ContainerReader {
 public:
  std::optional<ContainerFacts> read(std::string_view /*id*/, std::string_view /*runtime*/) override {
    return ++asked == 1 ? std::nullopt : std::optional(container());
  }
  int asked = 0;
};

TEST(RecordingOfFacts, HoldsBundlesAndPods) {
  const test::Folder folder;
  const std::filesystem::path path = folder / "run.rec";
  const auto recorder = test::recorder_at(path);
  Identity::Options options;
  options.host_name = options.node_name = "node-1";
  options.pods_expected = true;
  options.boot_id = "boot";
  options.resolver = std::make_unique<test::FakeResolver>();
  options.reader = std::make_unique<test::FakeProc>();
  options.containers = std::make_unique<FakeBundles>();
  record_answers(options, *recorder, test::kOffsetNs);
  Identity identity(std::move(options));
  std::vector<std::string> lines;
  const auto take = [&](const RecordBuilder& builder) {
    const Record record = builder.record();
    const LiveEvent* event = identity.observe(record);
    recorder->record(record.bytes());
    ASSERT_NE(event, nullptr);
    lines.push_back(test::line_of(*event));
  };
  const auto learn = [&](const PodChange& change) {
    identity.learn(change);
    recorder->pod(change);
  };
  const test::Who who{20, kSecond};
  take(RecordBuilder::exec(who).program("/bin/a").cgroup_v2(77).at(2 * kSecond));
  learn(pod());
  learn(pod(PodChange::Kind::synced));
  take(RecordBuilder::exec(who).program("/bin/b").cgroup_v2(77).at(3 * kSecond));
  learn(pod(PodChange::Kind::gone));
  take(RecordBuilder::exec(who).program("/bin/c").cgroup_v2(77).at(90 * kSecond));
  ASSERT_TRUE(recorder->finish(0, test::soon()));

  EXPECT_THAT(lines[0], Not(HasSubstr("web-1")));
  EXPECT_THAT(lines[0], HasSubstr("partial"));
  EXPECT_THAT(lines[1], HasSubstr("web-5d4f"));
  EXPECT_THAT(lines[1], HasSubstr("complete"));
  EXPECT_THAT(lines[2], HasSubstr("web-1"));
  EXPECT_THAT(lines[2], Not(HasSubstr("web-5d4f")));
  const auto again = test::replay(path);
  EXPECT_EQ(again.lines, lines);
  EXPECT_EQ(again.summary.unanswered, 0U);
  EXPECT_EQ(again.summary.broken, "");
}

}  // namespace
}  // namespace bongsu
