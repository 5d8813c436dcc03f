// SPDX-License-Identifier: Apache-2.0
#include "identity/cgroup_path.h"

#include <algorithm>

namespace bongsu {
namespace {

constexpr std::size_t kIdDigits = 64;       // every OCI engine's container ids: 256 bits in lower-case hex
constexpr std::size_t kEcsTaskDigits = 32;  // AWS Fargate: <task id>-<number>

// Names that runtimes put before the id: `NAME-<id>[.scope]`, or as the middle of `SLICE:NAME:<id>`.
struct Prefix {
  std::string_view name;
  std::string_view runtime;
};
constexpr Prefix kPrefixes[] = {
    {"cri-containerd", "containerd"},  // containerd's CRI plugin
    {"nerdctl", "containerd"},
    {"crio", "cri-o"},  // the monitor's own scope, crio-conmon-<id>, is no container: what follows "crio-" is no id
    {"docker", "docker"},
    {"libpod", "podman"},          // and libpod-conmon-<id> is none
    {"libpod-payload", "podman"},  // --cgroups=split, which quadlet units use
    {"runc", ""},                  // the OCI runtimes by themselves
    {"crun", ""},
};

// Parents of a bare <id> that tell the runtime.
constexpr Prefix kParents[] = {
    {"docker", "docker"},       // Docker with the cgroupfs driver
    {"moby", "docker"},         // the same engine's namespace in containerd
    {"k8s.io", "containerd"},   // namespaces of containerd: CRI ...
    {"default", "containerd"},  // ... nerdctl and ctr
};

// A bare id below this is a pod of Podman's; its containers are libpod-<id> below that.
constexpr std::string_view kPodmanPods = "libpod_parent";
constexpr std::string_view kEcs = "ecs";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }  // no runtime writes capitals
bool all_hex(std::string_view text) { return std::all_of(text.begin(), text.end(), is_hex); }
bool is_id(std::string_view text) { return text.size() == kIdDigits && all_hex(text); }

bool is_ecs_id(std::string_view text) {
  return text.size() > kEcsTaskDigits + 1 && all_hex(text.substr(0, kEcsTaskDigits)) && text[kEcsTaskDigits] == '-' &&
         std::all_of(text.begin() + kEcsTaskDigits + 1, text.end(), is_digit);
}

bool strip_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) {
    return false;
  }
  text.remove_suffix(suffix.size());
  return true;
}

// `pod<uid>` (cgroupfs driver) or `kubepods[-QOS]-pod<uid>.slice`, whatever stands before kubepods (kind: kubelet-).
PodUid pod_of(std::string_view component) {
  if (strip_suffix(component, ".slice")) {
    const std::size_t at = component.rfind("-pod");
    return at == std::string_view::npos ? PodUid{} : PodUid::from(component.substr(at + 4));
  }
  return component.starts_with("pod") ? PodUid::from(component.substr(3)) : PodUid{};
}

struct Found {
  std::string_view id;
  std::string_view runtime;
  PodUid pod_uid;  // only where the component itself names the pod
};

Found with_prefix(std::string_view component) {
  for (const Prefix& prefix : kPrefixes) {
    if (component.size() == prefix.name.size() + 1 + kIdDigits && component.starts_with(prefix.name) &&
        component[prefix.name.size()] == '-' && is_id(component.substr(prefix.name.size() + 1))) {
      return {component.substr(prefix.name.size() + 1), prefix.runtime, {}};
    }
  }
  return {};
}

// slice:prefix:name is the path that an engine asks of a runtime with the systemd driver. A runtime with the cgroupfs
// driver takes it for the name of a directory:
// system.slice/containerd.service/kubepods-pod<uid>.slice:cri-containerd:<id>.
Found with_colons(std::string_view component) {
  const std::size_t first = component.find(':');
  const std::size_t last = component.rfind(':');
  if (first == last || !is_id(component.substr(last + 1))) {
    return {};
  }
  const std::string_view name = component.substr(first + 1, last - first - 1);
  const auto* known = std::find_if(std::begin(kPrefixes), std::end(kPrefixes),
                                   [&](const Prefix& prefix) { return prefix.name == name; });
  return {component.substr(last + 1), known == std::end(kPrefixes) ? std::string_view{} : known->runtime,
          pod_of(component.substr(0, first))};
}

Found bare(std::string_view component, std::string_view parent, bool in_ecs) {
  if (in_ecs && is_ecs_id(component)) {
    return {component, {}, {}};
  }
  if (!is_id(component) || parent == kPodmanPods) {
    return {};
  }
  for (const Prefix& known : kParents) {
    if (parent == known.name) {
      return {component, known.runtime, {}};
    }
  }
  return {component, in_ecs ? std::string_view("docker") : std::string_view{}, {}};  // the ECS agent drives Docker
}

Found container_of(std::string_view component, std::string_view parent, bool in_ecs) {
  if (component.find(':') != std::string_view::npos) {
    return with_colons(component);
  }
  strip_suffix(component,
               ".scope");  // podman's health checks are units named <id>-*.service: not stripped, not matched
  const Found found = with_prefix(component);
  return found.id.empty() ? bare(component, parent, in_ecs) : found;
}

}  // namespace

PodUid PodUid::from(std::string_view text) {
  constexpr std::size_t kDashes[] = {8, 13, 18, 23};  // RFC 9562
  PodUid uid;
  if (text.size() != 32 && text.size() != uid.text_.size()) {
    return uid;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = text.size() != 32 && std::find(std::begin(kDashes), std::end(kDashes), i) != std::end(kDashes);
    if (dash ? text[i] != '-' && text[i] != '_' : !is_hex(text[i])) {
      return {};
    }
    uid.text_[i] = dash ? '-' : text[i];
  }
  uid.size_ = text.size();
  return uid;
}

// Of several containers in one path the OUTERMOST decides: what is below was made from inside it (systemd in a
// container, crun's and podman's `container` group, Docker in Docker), and a process that can make cgroups must not be
// able to change the identity it is seen under. One exception: the first container of a POD goes before those that are
// in none. On a kind (or k3d, minikube) node everything lies below docker/<node's id>, and what people there ask for is
// the pod's container. A pod's container that runs such a node inside remains the outermost pod's: the one this cluster
// knows.
CgroupPath parse_cgroup_path(std::string_view path) {
  CgroupPath result;
  PodUid pod_uid;
  std::string_view parent;
  bool in_ecs = false;

  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (component.empty()) {
      continue;
    }
    const Found found = container_of(component, parent, in_ecs);
    if (!found.id.empty()) {
      const PodUid& uid = found.pod_uid.empty() ? pod_uid : found.pod_uid;
      if (!uid.empty() || !result.is_container()) {
        result = {found.id, found.runtime, uid, path.find_first_not_of('/') == std::string_view::npos};
      }
      if (!uid.empty()) {
        return result;
      }
    } else if (const PodUid uid = pod_of(component); !uid.empty()) {
      pod_uid = uid;
    }
    in_ecs = in_ecs || component == kEcs;
    parent = component;
  }
  return result;
}

}  // namespace bongsu
