// SPDX-License-Identifier: Apache-2.0
#include "identity/engine_files.h"

#include <utility>

#include "identity/cgroup_path.h"
#include "identity/json_walk.h"
#include "identity/oci_bundle.h"

namespace bongsu {
namespace {

constexpr std::string_view kPodSandbox = "podsandbox";  // cri-dockerd's word for it

class DockerConfig final : public JsonVisitor {
 public:
  explicit DockerConfig(ContainerFacts& facts) : facts_(facts) {}

  void on_value(const JsonPath& path, const JsonScalar& value) override {
    if (value.kind != JsonScalar::Kind::string) {
      return;
    }
    if (path.is({"Name"})) {
      name_ = presentable(value.string.substr(value.string.starts_with('/') ? 1 : 0));
    } else if (path.is({"Image"})) {
      image_id_ = presentable(value.string);
    } else if (path.is({"ImageManifest", "digest"})) {
      manifest_ = presentable(value.string);
    } else if (path.is({"Config", "Image"})) {
      image_ = presentable(value.string);
    } else if (path.size() == 3 && path.starts_with({"Config", "Labels"})) {
      on_label(path.last(), presentable(value.string));
    }
  }

  void finish() {
    add_image(facts_, image_);
    add_image(facts_, manifest_);
    add_image(facts_, image_id_);
    facts_.name = std::move(name_);
    // A user may label containers as the kubelet does: only all of it makes a pod.
    if (pod_name_.empty() || pod_namespace_.empty() || pod_uid_.empty() || type_.empty()) {
      return;
    }
    const bool sandbox = type_ == kPodSandbox;
    facts_.kind = sandbox ? ContainerFacts::Kind::sandbox : ContainerFacts::Kind::workload;
    facts_.name = sandbox ? std::string() : std::move(container_name_);
    facts_.pod_name = std::move(pod_name_);
    facts_.pod_namespace = std::move(pod_namespace_);
    facts_.pod_uid = PodUid::from(pod_uid_).view();
    facts_.sandbox_id = std::move(sandbox_id_);
  }

 private:
  void on_label(std::string_view key, std::string_view value) {
    if (key == "io.kubernetes.docker.type") {
      type_ = value;
    } else if (key == "io.kubernetes.container.name") {
      container_name_ = value;
    } else if (key == "io.kubernetes.pod.name") {
      pod_name_ = value;
    } else if (key == "io.kubernetes.pod.namespace") {
      pod_namespace_ = value;
    } else if (key == "io.kubernetes.pod.uid") {
      pod_uid_ = value;
    } else if (key == "io.kubernetes.sandbox.id") {
      sandbox_id_ = value;
    }
  }

  ContainerFacts& facts_;
  std::string name_;
  std::string image_;
  std::string image_id_;
  std::string manifest_;
  std::string type_;
  std::string container_name_;
  std::string pod_name_;
  std::string pod_namespace_;
  std::string pod_uid_;
  std::string sandbox_id_;
};

// The value of `metadata` is JSON in a string.
class StorageMetadata final : public JsonVisitor {
 public:
  void on_value(const JsonPath& path, const JsonScalar& value) override {
    if (value.kind != JsonScalar::Kind::string) {
      return;
    }
    if (path.is({"name"})) {
      name = presentable(value.string);
    } else if (path.is({"image-name"})) {
      image = presentable(value.string);
    } else if (path.is({"image-id"})) {
      image_id = presentable(value.string);
    }
  }
  std::string name;
  std::string image;
  std::string image_id;
};

class StorageEntries final : public JsonVisitor {
 public:
  StorageEntries(std::string_view id, ContainerFacts& facts) : id_(id), facts_(facts) {}

  void on_value(const JsonPath& path, const JsonScalar& value) override {
    if (value.kind != JsonScalar::Kind::string) {
      return;
    }
    if (path.is({kJsonItem, "id"})) {
      wanted_ = value.string == id_;
    } else if (path.is({kJsonItem, "metadata"})) {
      metadata_ = value.string.size() <= kMaxMetadata ? value.string : std::string_view{};
    } else if (path.is({kJsonItem, "names", kJsonItem}) && name_.empty()) {
      name_ = presentable(value.string);
    }
  }

  void on_object_end(const JsonPath& path) override {
    if (!path.is({kJsonItem})) {
      return;
    }
    if (wanted_) {
      found_ = true;
      StorageMetadata metadata;
      (void)walk_json(metadata_, metadata);
      facts_.name = metadata.name.empty() ? name_ : metadata.name;
      add_image(facts_, metadata.image);
      add_image(facts_, metadata.image_id);
    }
    wanted_ = false;
    name_.clear();
    metadata_.clear();
  }

  [[nodiscard]] bool found() const { return found_; }

 private:
  static constexpr std::size_t kMaxMetadata = std::size_t{64} * 1024;

  std::string_view id_;
  ContainerFacts& facts_;
  bool wanted_ = false;
  bool found_ = false;
  std::string name_;
  std::string metadata_;
};

class RuncState final : public JsonVisitor {
 public:
  void on_value(const JsonPath& path, const JsonScalar& value) override {
    constexpr std::string_view kLabel = "bundle=";
    if (path.is({"config", "labels", kJsonItem}) && value.string.starts_with(kLabel)) {
      bundle = presentable(value.string.substr(kLabel.size()));
    }
  }
  std::string bundle;
};

}  // namespace

bool add_docker_config(std::string_view json, ContainerFacts& facts) {
  DockerConfig config(facts);
  if (!walk_json(json, config)) {
    return false;
  }
  config.finish();
  return true;
}

bool add_storage_entry(std::string_view json, std::string_view id, ContainerFacts& facts) {
  StorageEntries entries(id, facts);
  return walk_json(json, entries) && entries.found();
}

std::string runc_bundle(std::string_view json) {
  RuncState state;
  return walk_json(json, state) ? std::move(state.bundle) : std::string();
}

}  // namespace bongsu
