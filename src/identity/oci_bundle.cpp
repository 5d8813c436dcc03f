// SPDX-License-Identifier: Apache-2.0
#include "identity/oci_bundle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "identity/cgroup_path.h"
#include "identity/image_reference.h"
#include "identity/json_walk.h"
#include "identity/lists.h"

namespace bongsu {
namespace {

// Docker gives a container 14 capabilities, and a privileged one all that the host has, 41 at most. A host that is
// itself in a container may lack some.
constexpr int kPrivilegedCapabilities = 30;

// NOLINTBEGIN(readability-identifier-naming): constants, used as indices of kNames
enum Annotation : std::uint8_t {
  // containerd's CRI plugin (pkg/cri/annotations). sandbox-uid since 1.7 and 1.6.x, the sandbox's image since 2.0.
  kCriType,
  kCriSandbox,
  kCriContainer,
  kCriImage,
  kCriPod,
  kCriNamespace,
  kCriUid,
  kCriSandboxImage,
  // CRI-O; the kubelet's labels are among its annotations.
  kManager,  // Podman's too
  kCrioType,
  kCrioSandbox,
  kCrioImageName,
  kCrioImage,
  kCrioImageRef,
  kCrioPod,
  kCrioNamespace,
  kKubeContainer,
  kKubePod,
  kKubeNamespace,
  kKubeUid,
  kNerdctlName,
  kAnnotations  // how many
};
// NOLINTEND(readability-identifier-naming)

constexpr std::array<std::string_view, kAnnotations> kNames = {
    "io.kubernetes.cri.container-type",
    "io.kubernetes.cri.sandbox-id",
    "io.kubernetes.cri.container-name",
    "io.kubernetes.cri.image-name",
    "io.kubernetes.cri.sandbox-name",
    "io.kubernetes.cri.sandbox-namespace",
    "io.kubernetes.cri.sandbox-uid",
    "io.kubernetes.cri.podsandbox.image-name",
    "io.container.manager",
    "io.kubernetes.cri-o.ContainerType",
    "io.kubernetes.cri-o.SandboxID",
    "io.kubernetes.cri-o.ImageName",
    "io.kubernetes.cri-o.Image",
    "io.kubernetes.cri-o.ImageRef",
    "io.kubernetes.cri-o.KubeName",
    "io.kubernetes.cri-o.Namespace",
    "io.kubernetes.container.name",
    "io.kubernetes.pod.name",
    "io.kubernetes.pod.namespace",
    "io.kubernetes.pod.uid",
    "nerdctl/name",
};

std::uint64_t capability_bit(std::string_view name) {
  std::uint64_t bit = 1;
  const bool known = capability_names(~std::uint64_t{0}).any([&](std::string_view candidate) {
    if (candidate == name) {
      return true;
    }
    bit <<= 1;
    return false;
  });
  return known ? bit : 0;
}

class Bundle final : public JsonVisitor {
 public:
  void on_value(const JsonPath& path, const JsonScalar& value) override {
    if (path.starts_with({"linux", "resources", "devices", kJsonItem}) && path.size() == kDeviceKey) {
      on_device(path.last(), value);
    } else if (value.kind != JsonScalar::Kind::string) {
      return;
    } else if (path.size() == 2 && path.starts_with({"annotations"})) {
      const auto* name = std::find(kNames.begin(), kNames.end(), path.last());
      if (name != kNames.end()) {
        annotations_.at(static_cast<std::size_t>(name - kNames.begin())) = presentable(value.string);
      }
    } else if (path.is({"process", "capabilities", "bounding", kJsonItem})) {
      bounding_ |= capability_bit(value.string);
    }
  }

  // The rules are applied in their order: the last that is about every device decides.
  void on_object_end(const JsonPath& path) override {
    if (path.is({"linux", "resources", "devices", kJsonItem})) {
      every_device_ = device_.every && device_.access == kEveryAccess ? device_.allow : every_device_;
      device_ = {};
    }
  }

  [[nodiscard]] bool privileged() const {
    return every_device_ && (bounding_ & capability_bit("CAP_SYS_ADMIN")) != 0 &&
           std::popcount(bounding_) >= kPrivilegedCapabilities;
  }
  [[nodiscard]] const std::string& operator[](Annotation which) const { return annotations_.at(which); }
  // The first of these that is there.
  [[nodiscard]] const std::string& first(Annotation one, Annotation other) const {
    return annotations_.at(one).empty() ? annotations_.at(other) : annotations_.at(one);
  }

 private:
  static constexpr std::size_t kDeviceKey = 5;  // linux, resources, devices, the item, the key
  static constexpr unsigned kEveryAccess = 7;   // read, write, mknod
  struct Device {
    bool allow = false;
    bool every = true;
    unsigned access = 0;
  };

  void on_device(const std::string& key, const JsonScalar& value) {
    if (key == "allow") {
      device_.allow = value.boolean;
    } else if (key == "type") {
      device_.every = device_.every && (value.string.empty() || value.string == "a");
    } else if (key == "major" || key == "minor") {
      device_.every = device_.every && value.kind == JsonScalar::Kind::null;
    } else if (key == "access") {
      constexpr std::string_view kLetters = "rwm";
      for (std::size_t i = 0; i < kLetters.size(); ++i) {
        device_.access |= value.string.find(kLetters[i]) == std::string_view::npos ? 0U : 1U << i;
      }
    }
  }

  std::array<std::string, kAnnotations> annotations_;
  std::uint64_t bounding_ = 0;
  bool every_device_ = false;
  Device device_;
};

ContainerFacts::Kind kind_of(std::string_view type) {
  return type == "sandbox" ? ContainerFacts::Kind::sandbox : ContainerFacts::Kind::workload;
}

void read_containerd(const Bundle& bundle, ContainerFacts& facts) {
  facts.kind = kind_of(bundle[kCriType]);
  facts.name = bundle.first(kCriContainer, kNerdctlName);
  add_image(facts, bundle.first(kCriImage, kCriSandboxImage));
  facts.pod_name = bundle[kCriPod];
  facts.pod_namespace = bundle[kCriNamespace];
  facts.pod_uid = PodUid::from(bundle[kCriUid]).view();
  facts.sandbox_id = bundle[kCriSandbox];
}

// The image as it was asked for is in Image, and in ImageName of newer versions; one of them may be an id. ImageRef is
// one always.
void read_crio(const Bundle& bundle, ContainerFacts& facts) {
  facts.kind = kind_of(bundle[kCrioType]);
  facts.name = facts.kind == ContainerFacts::Kind::sandbox ? "" : bundle[kKubeContainer];
  add_image(facts, bundle[kCrioImageName]);
  add_image(facts, bundle[kCrioImage]);
  add_image(facts, bundle[kCrioImageRef]);
  // The engine's own names first: the kubelet's are labels, beside which a pod's own annotations may stand.
  facts.pod_name = bundle.first(kCrioPod, kKubePod);
  facts.pod_namespace = bundle.first(kCrioNamespace, kKubeNamespace);
  facts.pod_uid = PodUid::from(bundle[kKubeUid]).view();
  facts.sandbox_id = bundle[kCrioSandbox];
}

// Its pods are its own, not a cluster's: only which container is their sandbox is of use.
void read_podman(const Bundle& bundle, ContainerFacts& facts) {
  facts.kind = kind_of(bundle[kCrioType]);
  facts.sandbox_id = bundle[kCrioSandbox];
}

// CRI-O and Podman share the place of their bundles, and write down which of them it was.
std::string_view engine_of(const Bundle& bundle, std::string_view runtime) {
  if (runtime == "containerd" || runtime == "docker") {
    return runtime;
  }
  if (bundle[kManager] == "cri-o" || runtime == "cri-o") {
    return "cri-o";
  }
  if (bundle[kManager] == "libpod" || runtime == "podman") {
    return "podman";
  }
  return bundle[kCriType].empty() ? "" : "containerd";
}

}  // namespace

std::string_view presentable(std::string_view text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  const bool good = text.size() <= ContainerFacts::kMaxText && std::none_of(text.begin(), text.end(), control);
  return good ? text : std::string_view{};
}

void add_image(ContainerFacts& facts, std::string_view reference) {
  const ImageReference image = parse_image_reference(presentable(reference));
  if (facts.image_name.empty() && !image.name.empty()) {
    facts.image_name = image.name;
    facts.image_tag = image.tag;
  }
  if (image.digest.empty()) {
    return;
  }
  const std::string digest =
      is_image_id(image.digest) ? "sha256:" + std::string(image.digest) : std::string(image.digest);
  const bool known =
      std::find(facts.image_hashes.begin(), facts.image_hashes.end(), digest) != facts.image_hashes.end();
  if (!known && facts.image_hashes.size() < ContainerFacts::kMaxHashes) {
    facts.image_hashes.push_back(digest);
  }
}

std::optional<ContainerFacts> parse_oci_bundle(std::string_view json, std::string_view runtime) {
  Bundle bundle;
  if (!walk_json(json, bundle)) {
    return std::nullopt;
  }
  ContainerFacts facts;
  facts.runtime = engine_of(bundle, runtime);
  facts.privileged = bundle.privileged();
  if (facts.runtime == "containerd") {
    read_containerd(bundle, facts);
  } else if (facts.runtime == "cri-o") {
    read_crio(bundle, facts);
  } else if (facts.runtime == "podman") {
    read_podman(bundle, facts);
  }
  return facts;
}

}  // namespace bongsu
