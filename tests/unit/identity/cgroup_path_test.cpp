// SPDX-License-Identifier: Apache-2.0
#include "identity/cgroup_path.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

namespace bongsu {
namespace {

constexpr std::string_view kId = "b86746b68fa5ff0f9836fcb3ff7bb9c14ef94d2b91d764329fa111ae00394c23";
constexpr std::string_view kInner = "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970";
constexpr std::string_view kPod = "36b6d6be-73b1-065a-f369-b3985edafa09";

// In a sample, $I is kId, $N is kInner, $P is kPod and $U is kPod with underscores.
std::string expand(std::string_view pattern) {
  std::string underscored(kPod);
  for (char& c : underscored) {
    c = c == '-' ? '_' : c;
  }
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '$') {
      out += pattern[i];
      continue;
    }
    switch (pattern[++i]) {
      case 'I':
        out += kId;
        break;
      case 'N':
        out += kInner;
        break;
      case 'P':
        out += kPod;
        break;
      default:
        out += underscored;
    }
  }
  return out;
}

struct Sample {
  std::string_view what;
  std::string_view path;
  std::string_view id;  // empty: no container's
  std::string_view runtime;
  std::string_view pod;
  bool own = true;
};

std::ostream& operator<<(std::ostream& out, const Sample& sample) { return out << sample.what << ": " << sample.path; }

class CgroupPathSamples : public testing::TestWithParam<Sample> {};

TEST_P(CgroupPathSamples, Parse) {
  const Sample& sample = GetParam();
  const std::string path = expand(sample.path);
  const CgroupPath parsed = parse_cgroup_path(path);
  EXPECT_EQ(parsed.container_id, expand(sample.id));
  EXPECT_EQ(parsed.runtime, sample.runtime);
  EXPECT_EQ(parsed.pod_uid.view(), expand(sample.pod));
  EXPECT_EQ(parsed.is_container(), !sample.id.empty());
  EXPECT_EQ(parsed.own, !sample.id.empty() && sample.own);
}

constexpr Sample kKubernetes[] = {
    {"containerd, systemd driver, burstable",
     "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod$U.slice/cri-containerd-$I.scope", "$I",
     "containerd", "$P"},
    {"containerd, systemd driver, best effort",
     "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod$U.slice/cri-containerd-$I.scope", "$I",
     "containerd", "$P"},
    {"containerd, systemd driver, guaranteed", "/kubepods.slice/kubepods-pod$U.slice/cri-containerd-$I.scope", "$I",
     "containerd", "$P"},
    {"CRI-O, systemd driver", "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod$U.slice/crio-$I.scope",
     "$I", "cri-o", "$P"},
    {"CRI-O with crun's subgroup",
     "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod$U.slice/crio-$I.scope/container", "$I", "cri-o",
     "$P", false},
    {"CRI-O, cgroupfs driver", "/kubepods/burstable/pod$P/crio-$I", "$I", "cri-o", "$P"},
    {"Docker (cri-dockerd), systemd driver",
     "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod$U.slice/docker-$I.scope", "$I", "docker", "$P"},
    {"cgroupfs driver, guaranteed", "/kubepods/pod$P/$I", "$I", "", "$P"},
    {"cgroupfs driver, best effort", "/kubepods/besteffort/pod$P/$I", "$I", "", "$P"},
    {"cgroupfs driver, burstable, trailing slash", "/kubepods/burstable/pod$P/$I/", "$I", "", "$P"},
    {"k3s and rke2 are containerd with either driver", "/kubepods/pod$P/$I", "$I", "", "$P"},
    {"static pod: its uid is a hash",
     "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod9da3b2a14682e1fb23be3c2492753207.slice/"
     "crio-$I.scope",
     "$I", "cri-o", "9da3b2a14682e1fb23be3c2492753207"},
    {"static pod, cgroupfs driver", "/kubepods/burstable/pod89f4f2cb511c3b0b7e5272cff5ec37bf/$I", "$I", "",
     "89f4f2cb511c3b0b7e5272cff5ec37bf"},
    {"kubelet with the systemd driver, containerd with cgroupfs's",
     "/system.slice/containerd.service/kubepods-burstable-pod$U.slice:cri-containerd:$I", "$I", "containerd", "$P"},
    {"the same at the root", "/kubepods-besteffort-pod$U.slice:cri-containerd:$I", "$I", "containerd", "$P"},
    {"the same with CRI-O and a static pod", "/kubepods-burstable-pod9da3b2a14682e1fb23be3c2492753207.slice:crio:$I",
     "$I", "cri-o", "9da3b2a14682e1fb23be3c2492753207"},
    {"an unknown engine between colons", "/kubepods-pod$U.slice:newengine:$I", "$I", "", "$P"},
    {"kind: the pod's container, not the node's",
     "/docker/$N/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/"
     "kubelet-kubepods-besteffort-pod$U.slice/cri-containerd-$I.scope",
     "$I", "containerd", "$P"},
    {"kind with Docker's systemd driver",
     "/system.slice/docker-$N.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod$U.slice/"
     "cri-containerd-$I.scope",
     "$I", "containerd", "$P"},
    {"minikube with CRI-O in Docker",
     "/docker/$N/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod$U.slice/crio-$I.scope", "$I", "cri-o",
     "$P"},
    {"k3s in Docker, cgroupfs driver", "/docker/$N/kubepods/besteffort/pod$P/$I", "$I", "", "$P"},
    {"Docker in a pod stays the pod's", "/kubepods/burstable/pod$P/$I/docker/$N", "$I", "", "$P", false},
    {"kind in a pod stays the outer pod's",
     "/kubepods.slice/kubepods-pod$U.slice/cri-containerd-$I.scope/docker/$N/kubelet.slice/kubelet-kubepods.slice/"
     "kubelet-kubepods-pod00000000_0000_0000_0000_000000000000.slice/cri-containerd-$N.scope",
     "$I", "containerd", "$P", false},
    {"systemd in a container", "/kubepods/burstable/pod$P/$I/system.slice/nginx.service", "$I", "", "$P", false},
    {"a pod uid of another form is still a container", "/kubepods/burstable/podXYZ/$I", "$I", "", ""},
};
INSTANTIATE_TEST_SUITE_P(Kubernetes, CgroupPathSamples, testing::ValuesIn(kKubernetes));

constexpr Sample kStandalone[] = {
    {"Docker, systemd driver", "/system.slice/docker-$I.scope", "$I", "docker", ""},
    {"Docker, systemd driver, own slice", "/batch.slice/docker-$I.scope", "$I", "docker", ""},
    {"Docker, cgroupfs driver", "/docker/$I", "$I", "docker", ""},
    {"Docker, cgroupfs driver, deeper", "/docker-ce/docker/$I", "$I", "docker", ""},
    {"Docker, rootless", "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-$I.scope", "$I", "docker",
     ""},
    {"Docker in Docker: the outer one decides", "/system.slice/docker-$I.scope/docker/$N", "$I", "docker", "", false},
    {"Docker in Docker, cgroupfs driver", "/docker/$I/docker/$N", "$I", "docker", "", false},
    {"Docker with systemd in it", "/docker/$I/init.scope", "$I", "docker", "", false},
    {"slice:prefix:name of Docker", "/system.slice:docker:$I", "$I", "docker", ""},
    {"an engine's own parent", "/actions_job/$I", "$I", "", ""},
    {"no parent (old Docker)", "/$I", "$I", "", ""},
    {"runc by itself", "/user.slice/runc-$I.scope", "$I", "", ""},
    {"crun by itself", "/system.slice/crun-$I.scope", "$I", "", ""},
    {"a scope without a prefix", "/system.slice/$I.scope", "$I", "", ""},
    {"Podman, systemd driver", "/machine.slice/libpod-$I.scope", "$I", "podman", ""},
    {"Podman, systemd driver, crun's subgroup", "/machine.slice/libpod-$I.scope/container", "$I", "podman", "", false},
    {"Podman, rootless", "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-$I.scope/container", "$I",
     "podman", "", false},
    {"Podman pod", "/machine.slice/machine-libpod_pod_$N.slice/libpod-$I.scope/container", "$I", "podman", "", false},
    {"Podman, cgroupfs driver", "/libpod_parent/libpod-$I", "$I", "podman", ""},
    {"Podman pod, cgroupfs driver", "/libpod_parent/$N/libpod-$I", "$I", "podman", ""},
    {"Podman quadlet", "/system.slice/nginx.service/libpod-payload-$I", "$I", "podman", ""},
    {"Podman quadlet, rootless",
     "/user.slice/user-1000.slice/user@1000.service/app.slice/redis.service/libpod-payload-$I", "$I", "podman", ""},
    {"nerdctl, systemd driver", "/system.slice/nerdctl-$I.scope", "$I", "containerd", ""},
    {"nerdctl, cgroupfs driver", "/default/$I", "$I", "containerd", ""},
    {"containerd's CRI without a parent", "/k8s.io/$I", "$I", "containerd", ""},
    {"ECS on EC2", "/ecs/55091c13-b8cf-4801-b527-f4601742204d/$I", "$I", "docker", ""},
    {"ECS on EC2, named cluster", "/ecs/prod/34dc0b5e626f2c5c4c5170e34b10e765/$I", "$I", "docker", ""},
    {"ECS on EC2, cgroup v2", "/ecstasks.slice/ecstasks-e95a40efbde84cbc8600660a109ec194.slice/docker-$I.scope", "$I",
     "docker", ""},
    {"Fargate", "/ecs/34dc0b5e626f2c5c4c5170e34b10e765-1234567890", "34dc0b5e626f2c5c4c5170e34b10e765-1234567890", "",
     ""},
    {"Fargate, below its task", "/ecs/55091c13-b8cf-4801-b527-f4601742204d/34dc0b5e626f2c5c4c5170e34b10e765-1234567890",
     "34dc0b5e626f2c5c4c5170e34b10e765-1234567890", "", ""},
};
INSTANTIATE_TEST_SUITE_P(Standalone, CgroupPathSamples, testing::ValuesIn(kStandalone));

constexpr Sample kHost[] = {
    {"nothing", "", "", "", ""},
    {"the root", "/", "", "", ""},
    {"init", "/init.scope", "", "", ""},
    {"a service", "/system.slice/containerd.service", "", "", ""},
    {"a login session", "/user.slice/user-1000.slice/session-2.scope", "", "", ""},
    {"a user's service", "/user.slice/user-1000.slice/user@1000.service/app.slice/dbus.service", "", "", ""},
    {"a desktop application", "/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-firefox-4242.scope",
     "", "", ""},
    {"a task's group with 32 digits", "/process_api/c90f6ed06d3e2e949980d7252b80f1c9", "", "", ""},
    {"32 digits and a number, but not of ECS", "/jobs/34dc0b5e626f2c5c4c5170e34b10e765-1234567890", "", "", ""},
    {"an ECS task", "/ecs/34dc0b5e626f2c5c4c5170e34b10e765", "", "", ""},
    {"63 digits", "/docker/b86746b68fa5ff0f9836fcb3ff7bb9c14ef94d2b91d764329fa111ae00394c2", "", "", ""},
    {"65 digits", "/docker/b86746b68fa5ff0f9836fcb3ff7bb9c14ef94d2b91d764329fa111ae00394c233", "", "", ""},
    {"capitals", "/docker/B86746B68FA5FF0F9836FCB3FF7BB9C14EF94D2B91D764329FA111AE00394C23", "", "", ""},
    {"not hexadecimal", "/docker/g86746b68fa5ff0f9836fcb3ff7bb9c14ef94d2b91d764329fa111ae00394c23", "", "", ""},
    {"CRI-O's monitor", "/kubepods.slice/kubepods-pod$U.slice/crio-conmon-$I.scope", "", "", ""},
    {"Podman's monitor", "/machine.slice/libpod-conmon-$I.scope", "", "", ""},
    {"Podman's monitor, cgroupfs driver", "/libpod_parent/conmon", "", "", ""},
    {"Podman's pod", "/libpod_parent/$I", "", "", ""},
    {"Podman's pod slice", "/machine.slice/machine-libpod_pod_$I.slice", "", "", ""},
    {"the monitor's half of a quadlet", "/system.slice/nginx.service/runtime", "", "", ""},
    {"Podman's health check, a unit", "/system.slice/$I.service", "", "", ""},
    {"Podman's health check, a newer unit", "/system.slice/$I-3f2a1b.service", "", "", ""},
    {"an unknown prefix", "/system.slice/backup-$I.scope", "", "", ""},
    {"kubelet's groups", "/kubepods.slice/kubepods-burstable.slice", "", "", ""},
    {"a pod", "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod$U.slice", "", "", ""},
    {"a pod, cgroupfs driver", "/kubepods/burstable/pod$P", "", "", ""},
    {"nerdctl or ctr by name", "/default/web-1", "", "", ""},
    {"BuildKit's steps have ids of another form", "/docker/buildkit/zq2ykpdh0jkf3s9w1m3o5t7xv", "", "", ""},
    {"one colon", "/system.slice:$I", "", "", ""},
    {"colons without an id", "/a:b:c", "", "", ""},
};
INSTANTIATE_TEST_SUITE_P(Host, CgroupPathSamples, testing::ValuesIn(kHost));

TEST(PodUid, Forms) {
  EXPECT_EQ(PodUid::from("36b6d6be_73b1_065a_f369_b3985edafa09").view(), kPod);
  EXPECT_EQ(PodUid::from(kPod).view(), kPod);
  EXPECT_EQ(PodUid::from("36B6d6be-73b1-065a-f369-b3985edafa09").view(), "");
  EXPECT_EQ(PodUid::from("36b6d6be-73b1-065a-f369b-3985edafa09").view(), "");
  EXPECT_EQ(PodUid::from("36b6d6be73b1065af369b3985edafa0").view(), "");
  EXPECT_EQ(PodUid::from("36b6d6be73b1065af369b3985edafa0_").view(), "");
  EXPECT_EQ(PodUid::from("").view(), "");
}

// A process inside cannot take another container's place by making cgroups that look like one.
TEST(CgroupPathNesting, OutermostOfAPodWins) {
  const std::string path = expand("/kubepods/pod$P/$I/kubepods/pod00000000-0000-0000-0000-000000000000/$N");
  EXPECT_EQ(parse_cgroup_path(path).container_id, kId);
  EXPECT_EQ(parse_cgroup_path(path).pod_uid.view(), kPod);
}

}  // namespace
}  // namespace bongsu
