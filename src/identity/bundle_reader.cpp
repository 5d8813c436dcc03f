// SPDX-License-Identifier: Apache-2.0
#include "identity/bundle_reader.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "identity/engine_files.h"
#include "identity/oci_bundle.h"

namespace bongsu {
namespace {

constexpr std::size_t kMaxIdBytes = 128;    // 64 hex digits; nerdctl and ctr let users choose
constexpr std::size_t kMaxNamespaces = 64;  // of one containerd
constexpr std::size_t kMaxStateBytes = std::size_t{1} << 20;

// The state directories of containerd; below each: namespace/id/config.json.
constexpr std::array<std::string_view, 7> kContainerds = {
    "run/containerd/io.containerd.runtime.v2.task",
    "run/k3s/containerd/io.containerd.runtime.v2.task",  // k3s and RKE2
    "run/k0s/containerd/io.containerd.runtime.v2.task",
    "var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task",
    "run/docker/containerd/daemon/io.containerd.runtime.v2.task",  // one that dockerd started for itself
    "var/run/docker/containerd/daemon/io.containerd.runtime.v2.task",
    "run/containerd/io.containerd.runtime.v1.linux",  // shims of containerd 1.x's first kind
};

// Its namespaces, the usual ones first: CRI, Docker, nerdctl and ctr.
constexpr std::array<std::string_view, 3> kNamespaces = {"k8s.io", "moby", "default"};

// containers/storage, which CRI-O and Podman share: id/userdata/config.json.
constexpr std::array<std::string_view, 4> kStorages = {
    "run/containers/storage/overlay-containers",
    "var/lib/containers/storage/overlay-containers",
    "run/containers/storage/vfs-containers",
    "var/lib/containers/storage/vfs-containers",
};
constexpr std::array<std::string_view, 2> kStorageLists = {"containers.json", "volatile-containers.json"};

// runc by itself: id/state.json says where the bundle is. It is written a moment after the container was made.
constexpr std::array<std::string_view, 2> kRuncs = {"run/runc", "run/user/0/runc"};

constexpr std::array<std::string_view, 2> kDockers = {"var/lib/docker/containers",
                                                      "var/snap/docker/common/var-lib-docker/containers"};

bool is_safe_id(std::string_view id) {
  const auto safe = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return !id.empty() && id.size() <= kMaxIdBytes && id.front() != '.' && std::all_of(id.begin(), id.end(), safe);
}

}  // namespace

BundleReader::BundleReader(std::filesystem::path root, std::vector<std::string> directories)
    : root_(std::move(root)), directories_(std::move(directories)) {}

std::filesystem::path BundleReader::below_root(std::string_view path) const { return root_ / path; }

std::optional<ContainerFacts> BundleReader::read(std::string_view id, std::string_view runtime) {
  if (!is_safe_id(id)) {
    ++counters_.refused;
    return std::nullopt;
  }
  ContainerFacts facts;
  refused_ = false;
  switch (look(id, runtime, facts)) {
    case Answer::nothing:
      ++(refused_ ? counters_.refused : counters_.not_found);
      return std::nullopt;
    case Answer::malformed:
      ++counters_.malformed;
      return std::nullopt;
    case Answer::facts:
      break;
  }
  ++counters_.read;
  complete(id, facts);
  return facts;
}

// The first place that has something decides. Docker's own notes are enough where its bundles are out of reach.
BundleReader::Answer BundleReader::look(std::string_view id, std::string_view runtime, ContainerFacts& facts) {
  Answer answer = look_in_directories(id, runtime, facts);
  if (answer == Answer::nothing) {
    answer = look_in_containerd(id, runtime, facts);
  }
  if (answer == Answer::nothing) {
    answer = look_in_storage(id, runtime, facts);
  }
  if (answer == Answer::nothing) {
    answer = look_at_docker(id, facts);
  }
  if (answer == Answer::nothing) {
    answer = look_at_runc(id, runtime, facts);
  }
  return answer;
}

// A place that refuses does not keep us from the others.
bool BundleReader::got(FileAnswer answer) {
  refused_ = refused_ || answer == FileAnswer::refused;
  return answer == FileAnswer::read;
}

BundleReader::Answer BundleReader::parse(FileAnswer answer, std::string_view runtime, ContainerFacts& facts) {
  if (!got(answer)) {
    return Answer::nothing;
  }
  auto parsed = parse_oci_bundle(text_, runtime);
  if (!parsed) {
    return Answer::malformed;
  }
  facts = std::move(*parsed);
  return Answer::facts;
}

BundleReader::Answer BundleReader::look_in_directories(std::string_view id, std::string_view runtime,
                                                       ContainerFacts& facts) {
  for (const std::string& directory : directories_) {
    Answer answer = parse(read_plain_file(directory, {id, "config.json"}, kMaxBundleBytes, text_), runtime, facts);
    if (answer == Answer::nothing) {
      answer =
          parse(read_plain_file(directory, {id, "userdata", "config.json"}, kMaxBundleBytes, text_), runtime, facts);
    }
    if (answer == Answer::nothing && got(read_plain_file(directory, {id, "config.v2.json"}, kMaxBundleBytes, text_))) {
      facts.runtime = "docker";
      answer = add_docker_config(text_, facts) ? Answer::facts : Answer::malformed;
    }
    if (answer != Answer::nothing) {
      return answer;
    }
  }
  return Answer::nothing;
}

BundleReader::Answer BundleReader::look_in_containerd(std::string_view id, std::string_view runtime,
                                                      ContainerFacts& facts) {
  const auto in_namespace = [&](const std::filesystem::path& base, std::string_view name) {
    const bool docker = name == "moby" || runtime == "docker";
    return parse(read_plain_file(base, {name, id, "config.json"}, kMaxBundleBytes, text_),
                 docker ? "docker" : "containerd", facts);
  };
  for (const std::string_view place : kContainerds) {
    const std::filesystem::path base = below_root(place);
    for (const std::string_view name : kNamespaces) {
      if (const Answer answer = in_namespace(base, name); answer != Answer::nothing) {
        return answer;
      }
    }
    for (const std::string& name : folders_in(base, kMaxNamespaces)) {
      if (std::find(kNamespaces.begin(), kNamespaces.end(), name) != kNamespaces.end()) {
        continue;
      }
      if (const Answer answer = in_namespace(base, name); answer != Answer::nothing) {
        return answer;
      }
    }
  }
  return Answer::nothing;
}

BundleReader::Answer BundleReader::look_in_storage(std::string_view id, std::string_view runtime,
                                                   ContainerFacts& facts) {
  const std::string_view engine = runtime == "cri-o" || runtime == "podman" ? runtime : std::string_view{};
  for (const std::string_view place : kStorages) {
    const Answer answer = parse(
        read_plain_file(below_root(place), {id, "userdata", "config.json"}, kMaxBundleBytes, text_), engine, facts);
    if (answer != Answer::nothing) {
      return answer;
    }
  }
  return Answer::nothing;
}

BundleReader::Answer BundleReader::look_at_docker(std::string_view id, ContainerFacts& facts) {
  for (const std::string_view place : kDockers) {
    if (got(read_plain_file(below_root(place), {id, "config.v2.json"}, kMaxBundleBytes, text_))) {
      facts.runtime = "docker";
      return add_docker_config(text_, facts) ? Answer::facts : Answer::malformed;
    }
  }
  return Answer::nothing;
}

BundleReader::Answer BundleReader::look_at_runc(std::string_view id, std::string_view runtime, ContainerFacts& facts) {
  for (const std::string_view place : kRuncs) {
    if (!got(read_plain_file(below_root(place), {id, "state.json"}, kMaxStateBytes, text_))) {
      continue;
    }
    const std::string bundle = runc_bundle(text_);
    if (bundle.empty()) {
      return Answer::malformed;
    }
    return parse(read_plain_file(root_, std::filesystem::path(bundle) / "config.json", kMaxBundleBytes, text_), runtime,
                 facts);
  }
  return Answer::nothing;
}

// What the bundles of Docker and Podman leave out. Where it cannot be had the bundle's own facts remain.
void BundleReader::complete(std::string_view id, ContainerFacts& facts) {
  if (facts.runtime == "docker" && facts.name.empty() && facts.kind != ContainerFacts::Kind::sandbox) {
    (void)look_at_docker(id, facts);
  }
  if (facts.runtime != "podman") {
    return;
  }
  for (const std::string_view place : kStorages) {
    for (const std::string_view list : kStorageLists) {
      if (got(read_plain_file(below_root(place), {list}, kMaxBundleBytes, text_)) &&
          add_storage_entry(text_, id, facts)) {
        return;
      }
    }
  }
}

}  // namespace bongsu
