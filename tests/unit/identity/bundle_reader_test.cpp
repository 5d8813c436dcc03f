// SPDX-License-Identifier: Apache-2.0
#include "identity/bundle_reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "identity/oci_bundle.h"
#include "support/fake_root.h"
#include "unit/identity/bundle_samples.h"

namespace bongsu {
namespace {

using test::FakeRoot;
using test::kBundleId;
using test::sample;

constexpr const char* kContainerd = "run/containerd/io.containerd.runtime.v2.task/";
constexpr const char* kStorage = "run/containers/storage/overlay-containers/";

class BundleReaderTest : public testing::Test {
 protected:
  std::string name_of(std::string_view id = kBundleId, std::string_view runtime = {}) {
    const auto facts = reader_.read(id, runtime);
    return facts ? facts->runtime + ":" + facts->name : "(none)";
  }
  FakeRoot root_;
  BundleReader reader_{root_.path(), {}};
};

TEST_F(BundleReaderTest, KnowsContainerdsPlaces) {
  const std::string bundle = sample("containerd-1.6.json");
  for (const std::string place :
       {"run/containerd/io.containerd.runtime.v2.task/k8s.io/", "run/containerd/io.containerd.runtime.v2.task/default/",
        "run/containerd/io.containerd.runtime.v2.task/some-other/",
        "run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/",
        "run/k0s/containerd/io.containerd.runtime.v2.task/k8s.io/",
        "var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task/k8s.io/",
        "run/containerd/io.containerd.runtime.v1.linux/k8s.io/"}) {
    const FakeRoot root;
    root.file(place + kBundleId + "/config.json", bundle);
    BundleReader reader(root.path(), {});
    const auto facts = reader.read(kBundleId, {});
    ASSERT_TRUE(facts.has_value()) << place;
    EXPECT_EQ(facts->name, "web") << place;
    EXPECT_EQ(reader.counters().read, 1U);
  }
}

TEST_F(BundleReaderTest, KnowsDockersPlaces) {
  for (const std::string place : {"run/containerd/io.containerd.runtime.v2.task/moby/",
                                  "run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/"}) {
    const FakeRoot root;
    root.file(place + kBundleId + "/config.json", sample("docker-26.json"));
    BundleReader reader(root.path(), {});
    EXPECT_EQ(reader.read(kBundleId, {})->runtime, "docker");
    EXPECT_EQ(reader.read(kBundleId, {})->name, "") << "its notes are not there";
    root.file("var/lib/docker/containers/" + kBundleId + "/config.v2.json", sample("docker-config.v2.json"));
    EXPECT_EQ(reader.read(kBundleId, {})->name, "shop-web-1");
  }
  root_.file("var/lib/docker/containers/" + kBundleId + "/config.v2.json", sample("cri-dockerd-config.v2.json"));
  EXPECT_EQ(name_of(), "docker:web") << "without a bundle";
}

TEST_F(BundleReaderTest, KnowsTheStorageOfCriOAndPodman) {
  root_.file(kStorage + kBundleId + "/userdata/config.json", sample("cri-o-1.28.json"));
  EXPECT_EQ(name_of(), "cri-o:web");
  EXPECT_EQ(name_of(kBundleId, "cri-o"), "cri-o:web");
  const FakeRoot root;
  const std::string storage = "var/lib/containers/storage/overlay-containers/";
  root.file(storage + kBundleId + "/userdata/config.json", sample("podman-4.9.json"));
  BundleReader reader(root.path(), {});
  EXPECT_EQ(reader.read(kBundleId, "podman")->name, "");
  root.file(storage + "volatile-containers.json", sample("podman-containers.json"));
  EXPECT_EQ(reader.read(kBundleId, "podman")->name, "web");
}

TEST_F(BundleReaderTest, FollowsRuncsWordToItsBundle) {
  root_.file("run/runc/" + kBundleId + "/state.json", sample("runc-state.json"));
  EXPECT_EQ(name_of(), "(none)");
  root_.file("srv/bundle/config.json", sample("containerd-1.6.json"));
  EXPECT_EQ(name_of(), "containerd:web");
  // But not through a link.
  std::filesystem::rename(root_.path() / "srv/bundle", root_.path() / "srv/elsewhere");
  root_.link("srv/bundle", "elsewhere");
  EXPECT_EQ(name_of(), "(none)");
  root_.file("run/runc/" + kBundleId + "/state.json", R"({"config":{"labels":["bundle=/srv/../srv/elsewhere"]}})");
  EXPECT_EQ(name_of(), "(none)");
  root_.file("run/runc/" + kBundleId + "/state.json", R"({"config":{"labels":["bundle=srv/elsewhere"]}})");
  EXPECT_EQ(name_of(), "(none)");
  EXPECT_EQ(reader_.counters().refused, 3U);
  root_.file("run/runc/" + kBundleId + "/state.json", R"({"config":{"labels":["bundle=/srv/elsewhere"]}})");
  EXPECT_EQ(name_of(), "containerd:web");
}

TEST_F(BundleReaderTest, ConfiguredDirectoriesComeFirst) {
  root_.file(kContainerd + ("k8s.io/" + kBundleId) + "/config.json", sample("containerd-1.6.json"));
  const FakeRoot mine;
  BundleReader reader(root_.path(), {mine.path() / "none", mine.path()});
  EXPECT_EQ(reader.read(kBundleId, {})->name, "web");
  mine.file(kBundleId + "/config.v2.json", sample("docker-config.v2.json"));
  EXPECT_EQ(reader.read(kBundleId, {})->name, "shop-web-1");
  mine.file(kBundleId + "/config.json", sample("containerd-1.7-privileged.json"));
  EXPECT_EQ(reader.read(kBundleId, {})->name, "agent");
}

TEST_F(BundleReaderTest, CountsWhatItDoesNotFind) {
  EXPECT_EQ(name_of(), "(none)");
  EXPECT_EQ(reader_.counters().not_found, 1U);
  root_.file(kContainerd + ("k8s.io/" + kBundleId) + "/config.json", "{\"annotations\":");
  EXPECT_EQ(name_of(), "(none)");
  EXPECT_EQ(reader_.counters().malformed, 1U);
  EXPECT_EQ(reader_.counters().read, 0U);
}

TEST_F(BundleReaderTest, IdsThatAreNoneAreRefused) {
  root_.file("run/containerd/io.containerd.runtime.v2.task/config.json", sample("containerd-1.6.json"));
  for (const std::string& id : {std::string(), std::string(".."), std::string("."), std::string("../k8s.io"),
                                std::string("a/b"), std::string("a\0b", 3), std::string(129, 'a'), std::string(".a")}) {
    EXPECT_EQ(name_of(id), "(none)");
  }
  EXPECT_EQ(reader_.counters().refused, 8U);
}

TEST_F(BundleReaderTest, LinksPipesAndLargeFilesAreRefused) {
  const std::string folder = kContainerd + ("k8s.io/" + kBundleId);
  root_.file("elsewhere/config.json", sample("containerd-1.6.json"));

  root_.link(folder, root_.path() / "elsewhere");  // the folder is a link
  EXPECT_EQ(name_of(), "(none)");
  std::filesystem::remove(root_.path() / folder);

  root_.link(folder + "/config.json", root_.path() / "elsewhere/config.json");  // the file is one
  EXPECT_EQ(name_of(), "(none)");
  std::filesystem::remove(root_.path() / folder / "config.json");

  ASSERT_EQ(::mkfifo((root_.path() / folder / "config.json").c_str(), 0600), 0);  // would keep us waiting
  EXPECT_EQ(name_of(), "(none)");
  std::filesystem::remove(root_.path() / folder / "config.json");

  root_.directory(folder + "/config.json");
  EXPECT_EQ(name_of(), "(none)");
  std::filesystem::remove(root_.path() / folder / "config.json");

  root_.file(folder + "/config.json", sample("containerd-1.6.json"));
  std::filesystem::resize_file(root_.path() / folder / "config.json", kMaxBundleBytes + 1);
  EXPECT_EQ(name_of(), "(none)");
  EXPECT_EQ(reader_.counters().refused, 5U);

  // A place that refuses does not hide the next.
  root_.file(kStorage + kBundleId + "/userdata/config.json", sample("cri-o-1.28.json"));
  EXPECT_EQ(name_of(), "cri-o:web");
}

// The engine's directory itself may be a link: that is the host's own doing.
TEST_F(BundleReaderTest, TheDirectoryOfAnEngineMayBeALink) {
  root_.file("data/" + kBundleId + "/config.v2.json", sample("docker-config.v2.json"));
  root_.link("var/lib/docker/containers", root_.path() / "data");
  EXPECT_EQ(name_of(), "docker:shop-web-1");
}

}  // namespace
}  // namespace bongsu
