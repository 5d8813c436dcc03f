// SPDX-License-Identifier: Apache-2.0
#include "identity/oci_bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "identity/engine_files.h"
#include "unit/identity/bundle_samples.h"

namespace bongsu {
namespace {

using test::kBundleId;
using test::kBundlePod;
using test::kBundleSandbox;
using test::sample;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = ContainerFacts::Kind;

ContainerFacts facts_of(const std::string& name, std::string_view runtime = {}) {
  auto facts = parse_oci_bundle(sample(name), runtime);
  EXPECT_TRUE(facts.has_value()) << name;
  return facts.value_or(ContainerFacts{});
}

std::string annotated(const std::string& annotations) { return R"({"annotations":{)" + annotations + "}}"; }

TEST(OciBundle, OfContainerd) {
  for (const std::string_view runtime : {"containerd", ""}) {
    const ContainerFacts facts = facts_of("containerd-1.6.json", runtime);
    EXPECT_EQ(facts.kind, Kind::workload);
    EXPECT_EQ(facts.runtime, "containerd");
    EXPECT_EQ(facts.name, "web");
    EXPECT_EQ(facts.image_name, "docker.io/library/nginx");
    EXPECT_EQ(facts.image_tag, "1.27");
    EXPECT_THAT(facts.image_hashes, IsEmpty());
    EXPECT_EQ(facts.pod_name, "web-5d4f8b7c9-abcde");
    EXPECT_EQ(facts.pod_namespace, "shop");
    EXPECT_EQ(facts.pod_uid, kBundlePod);
    EXPECT_EQ(facts.sandbox_id, kBundleSandbox);
    EXPECT_FALSE(facts.privileged);
  }
}

TEST(OciBundle, OfAPrivilegedContainer) {
  const ContainerFacts facts = facts_of("containerd-1.7-privileged.json", "containerd");
  EXPECT_TRUE(facts.privileged);
  EXPECT_EQ(facts.image_name, "registry.example:5000/team/agent");
  EXPECT_EQ(facts.image_tag, "");
  EXPECT_THAT(facts.image_hashes, ElementsAre("sha256:" + std::string(64, '7')));
}

TEST(OciBundle, PrivilegedIsEveryDeviceAndEveryCapability) {
  const std::string whole = sample("containerd-1.7-privileged.json");
  const auto without = [&](std::string_view part, std::string_view instead) {
    std::string text = whole;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + instead.size())) {
      text.replace(at, part.size(), instead);
    }
    EXPECT_NE(text, whole) << part;
    return parse_oci_bundle(text, "containerd").value().privileged;
  };
  EXPECT_FALSE(without("CAP_SYS_ADMIN", "CAP_CHOWN"));
  EXPECT_FALSE(without("CAP_SYS_", "CAP_CHOWN_"));
  EXPECT_FALSE(without(R"({"allow":true,"access":"rwm"})", R"({"allow":true,"access":"rw"})"));
  EXPECT_FALSE(without(R"({"allow":true,"access":"rwm"})", R"({"allow":true,"access":"rwm","type":"c"})"));
  EXPECT_FALSE(without(R"({"allow":true,"access":"rwm"})", R"({"allow":true,"access":"rwm","major":1})"));
  EXPECT_FALSE(
      without(R"({"allow":true,"access":"rwm"})", R"({"allow":true,"access":"rwm"},{"allow":false,"access":"rwm"})"));
  EXPECT_TRUE(without(R"({"allow":true,"access":"rwm"})",
                      R"({"allow":false,"access":"rwm"},{"allow":true,"type":"a","major":null,"access":"mwr"})"));
  EXPECT_TRUE(without("CAP_SYS_RESOURCE", "CAP_CHOWN")) << "this host may have less than all";
}

TEST(OciBundle, OfASandbox) {
  for (const char* name : {"containerd-1.7-sandbox.json", "containerd-2.1-sandbox.json", "cri-o-1.28-sandbox.json"}) {
    const ContainerFacts facts = facts_of(name);
    EXPECT_EQ(facts.kind, Kind::sandbox) << name;
    EXPECT_EQ(facts.name, "") << name;
    EXPECT_EQ(facts.pod_name, "web-5d4f8b7c9-abcde") << name;
    EXPECT_EQ(facts.pod_namespace, "shop") << name;
    EXPECT_EQ(facts.pod_uid, kBundlePod) << name;
  }
  EXPECT_EQ(facts_of("containerd-1.7-sandbox.json").image_name, "");
  EXPECT_EQ(facts_of("containerd-2.1-sandbox.json").image_name, "registry.example/pause");
  EXPECT_EQ(facts_of("cri-o-1.28-sandbox.json").image_tag, "3.9");
}

TEST(OciBundle, OfCriO) {
  for (const std::string_view runtime : {"cri-o", ""}) {
    const ContainerFacts facts = facts_of("cri-o-1.28.json", runtime);
    EXPECT_EQ(facts.kind, Kind::workload);
    EXPECT_EQ(facts.runtime, "cri-o");
    EXPECT_EQ(facts.name, "web");
    EXPECT_EQ(facts.image_name, "docker.io/library/nginx");
    EXPECT_EQ(facts.image_tag, "1.27");
    EXPECT_THAT(facts.image_hashes, ElementsAre("sha256:" + std::string(64, '9'), "sha256:" + std::string(64, 'b')));
    EXPECT_EQ(facts.pod_name, "web-5d4f8b7c9-abcde");
    EXPECT_EQ(facts.pod_namespace, "shop");
    EXPECT_EQ(facts.pod_uid, kBundlePod);
    EXPECT_EQ(facts.sandbox_id, kBundleSandbox);
  }
}

// A pod's annotations are among those of its bundles, so they may be named as another engine's are.
TEST(OciBundle, AnotherEnginesAnnotationsDoNotCount) {
  const std::string both = annotated(
      R"("io.container.manager":"cri-o","io.kubernetes.container.name":"true","io.kubernetes.pod.name":"true",)"
      R"("io.kubernetes.cri.container-type":"sandbox","io.kubernetes.cri.container-name":"forged",)"
      R"("io.kubernetes.cri.sandbox-name":"forged","nerdctl/name":"forged")");
  const auto crio = parse_oci_bundle(both, {});
  EXPECT_EQ(crio->name, "true");
  EXPECT_EQ(crio->pod_name, "true");
  EXPECT_EQ(crio->kind, Kind::workload);
  EXPECT_EQ(parse_oci_bundle(both, "containerd")->pod_name, "forged") << "its own, there";
  EXPECT_EQ(parse_oci_bundle(both, "docker")->pod_name, "") << "it has none";
}

TEST(OciBundle, OfDockerAndPodmanIsCompletedByTheirNotes) {
  ContainerFacts docker = facts_of("docker-26.json", "docker");
  EXPECT_EQ(docker.name, "");
  ASSERT_TRUE(add_docker_config(sample("docker-config.v2.json"), docker));
  EXPECT_EQ(docker.name, "shop-web-1");
  EXPECT_EQ(docker.image_name, "nginx");
  EXPECT_EQ(docker.image_tag, "1.27");
  EXPECT_THAT(docker.image_hashes, ElementsAre("sha256:" + std::string(64, 'd'), "sha256:" + std::string(64, 'c')));
  EXPECT_EQ(docker.pod_name, "");

  ContainerFacts podman = facts_of("podman-4.9.json");
  EXPECT_EQ(podman.runtime, "podman");
  EXPECT_EQ(podman.name, "");
  EXPECT_FALSE(add_storage_entry(sample("podman-containers.json"), "unknown", podman));
  EXPECT_EQ(podman.name, "");
  ASSERT_TRUE(add_storage_entry(sample("podman-containers.json"), kBundleId, podman));
  EXPECT_EQ(podman.name, "web");
  EXPECT_EQ(podman.image_name, "docker.io/library/nginx");
  EXPECT_THAT(podman.image_hashes, ElementsAre("sha256:" + std::string(64, 'b')));
}

TEST(OciBundle, OfCriDockerdHasItsPodInDockersLabels) {
  ContainerFacts facts;
  ASSERT_TRUE(add_docker_config(sample("cri-dockerd-config.v2.json"), facts));
  EXPECT_EQ(facts.name, "web");
  EXPECT_EQ(facts.pod_name, "web-5d4f8b7c9-abcde");
  EXPECT_EQ(facts.pod_namespace, "shop");
  EXPECT_EQ(facts.pod_uid, kBundlePod);
  EXPECT_EQ(facts.sandbox_id, kBundleSandbox);
  EXPECT_EQ(facts.kind, Kind::workload);
  ContainerFacts pause;
  ASSERT_TRUE(add_docker_config(
      R"({"Name":"/k8s_POD","Config":{"Labels":{"io.kubernetes.docker.type":"podsandbox","io.kubernetes.pod.name":"p",)"
      R"("io.kubernetes.pod.namespace":"n","io.kubernetes.pod.uid":"u","io.kubernetes.container.name":"POD"}}})",
      pause));
  EXPECT_EQ(pause.kind, Kind::sandbox);
  EXPECT_EQ(pause.name, "");
  EXPECT_EQ(pause.pod_uid, "") << "that is no uid";
}

TEST(OciBundle, RuncSaysWhereItIs) {
  EXPECT_EQ(runc_bundle(sample("runc-state.json")), "/srv/bundle");
  EXPECT_EQ(runc_bundle("{}"), "");
  EXPECT_EQ(runc_bundle("nothing"), "");
}

TEST(OciBundle, WhatCannotBeShownIsLeftOut) {
  const auto name_of = [](const std::string& name) {
    return parse_oci_bundle(
               annotated(R"("io.kubernetes.cri.container-type":"container","io.kubernetes.cri.container-name":")" +
                         name + '"'),
               {})
        ->name;
  };
  EXPECT_EQ(name_of("a\\u0007b"), "");
  EXPECT_EQ(name_of("a\\nb"), "");
  EXPECT_EQ(name_of("\\u00fc"), "\u00fc");
  EXPECT_EQ(name_of(std::string(ContainerFacts::kMaxText, 'x')).size(), ContainerFacts::kMaxText);
  EXPECT_EQ(name_of(std::string(ContainerFacts::kMaxText + 1, 'x')), "");
}

TEST(OciBundle, OtherTypesAreNoFacts) {
  for (const char* text :
       {"null", "1", "[]", R"({"annotations":[]})", R"({"annotations":{"io.container.manager":{}}})",
        R"({"annotations":{"io.container.manager":["cri-o"]}})", R"({"annotations":"x"})",
        R"([{"annotations":{"io.container.manager":"cri-o"}}])",
        R"({"x":{"annotations":{"io.container.manager":"cri-o"}}})",
        R"({"process":{"capabilities":{"bounding":{"0":"CAP_SYS_ADMIN"}}},"linux":{"resources":{"devices":{"0":{}}}}})",
        R"({"linux":{"resources":{"devices":[1,"x",null,[{}],{"allow":"yes","access":5}]}}})"}) {
    const auto facts = parse_oci_bundle(text, {});
    ASSERT_TRUE(facts.has_value()) << text;
    EXPECT_EQ(*facts, ContainerFacts{}) << text;
  }
  for (const char* text : {"", "{", "{}}", "{\"a\":1,}", "\xff"}) {
    EXPECT_FALSE(parse_oci_bundle(text, {}).has_value()) << text;
  }
}

TEST(OciBundle, DepthIsBounded) {
  EXPECT_TRUE(parse_oci_bundle(std::string(60, '[') + std::string(60, ']'), {}).has_value());
  EXPECT_FALSE(parse_oci_bundle(std::string(100, '[') + std::string(100, ']'), {}).has_value());
  EXPECT_FALSE(parse_oci_bundle(std::string(kMaxBundleBytes, '['), {}).has_value());
}

// Whatever becomes of the bytes: no crash, and no text that cannot be shown.
TEST(OciBundle, NoInputHarms) {
  std::mt19937 random(1);  // NOLINT(bugprone-random-generator-seed): the same bytes each time
  const auto check = [](const std::string& text) {
    ContainerFacts facts = parse_oci_bundle(text, {}).value_or(ContainerFacts{});
    (void)add_docker_config(text, facts);
    (void)add_storage_entry(text, kBundleId, facts);
    EXPECT_LE(runc_bundle(text).size(), ContainerFacts::kMaxText);
    for (const std::string* shown : {&facts.name, &facts.image_name, &facts.image_tag, &facts.pod_name,
                                     &facts.pod_namespace, &facts.pod_uid, &facts.sandbox_id}) {
      EXPECT_EQ(presentable(*shown), *shown);
    }
    EXPECT_LE(facts.image_hashes.size(), ContainerFacts::kMaxHashes);
  };
  for (const std::string& whole : test::all_samples()) {
    for (std::size_t size = 0; size < whole.size(); size += 3) {
      check(whole.substr(0, size));
    }
    for (int i = 0; i < 500; ++i) {
      std::string text = whole;
      for (int flips = 0; flips < 4; ++flips) {
        text[random() % text.size()] = static_cast<char>(random());
      }
      check(text);
    }
  }
}

}  // namespace
}  // namespace bongsu
