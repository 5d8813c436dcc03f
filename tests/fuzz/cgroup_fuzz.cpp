// SPDX-License-Identifier: Apache-2.0
//
// Any text as a cgroup's path, and as an image's name: whose container it is. Whatever a process makes below its own
// container's cgroup, it stays in that container.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/support.h"
#include "identity/cgroup_path.h"
#include "identity/image_reference.h"

namespace {

using bongsu::CgroupPath;
using bongsu::parse_cgroup_path;
using bongsu::PodUid;
using bongsu::fuzz::expect;
using bongsu::fuzz::within;

constexpr std::string_view kId = "4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a";
constexpr std::string_view kPod = "/kubepods.slice/kubepods-pod01a2002b_ffff_7160_8ceb_854a0228bcde.slice/";

bool same(const CgroupPath& a, const CgroupPath& b) {
  return a.container_id == b.container_id && a.runtime == b.runtime && a.pod_uid.view() == b.pod_uid.view();
}

void look(std::string_view path) {
  const CgroupPath found = parse_cgroup_path(path);
  expect(within(found.container_id, path));
  expect(found.is_container() || (found.runtime.empty() && found.pod_uid.empty() && !found.own));
  expect(found.container_id.find_first_not_of("0123456789abcdef-") == std::string_view::npos);
  expect(PodUid::from(found.pod_uid.view()).view() == found.pod_uid.view());

  expect(same(found, parse_cgroup_path("/" + std::string(path))));
  const std::string below = std::string(path) + "/x";
  const CgroupPath child = parse_cgroup_path(below);
  expect(same(found, child) && !child.own);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = bongsu::fuzz::text_of(data, size);
  look(text);

  const std::string pod = std::string(kPod) + "cri-containerd-" + std::string(kId) + ".scope";
  const std::string in_pod = pod + "/" + std::string(text);
  expect(same(parse_cgroup_path(in_pod), parse_cgroup_path(pod)));
  // In no pod, what it makes may look like a pod's container (see parse_cgroup_path()); never like the host's.
  const std::string docker = "/docker/" + std::string(kId) + "/" + std::string(text);
  const CgroupPath below = parse_cgroup_path(docker);
  expect(below.container_id == kId || !below.pod_uid.empty());

  const bongsu::ImageReference image = bongsu::parse_image_reference(text);
  for (const std::string_view part : {image.name, image.tag, image.digest}) {
    expect(within(part, text));
  }
  expect(image.digest.empty() || bongsu::is_digest(image.digest) || bongsu::is_image_id(image.digest));
  return 0;
}
