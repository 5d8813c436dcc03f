// SPDX-License-Identifier: Apache-2.0
//
// LiveEvent: where it happened. The container by its cgroup, its name and image by its bundle, its pod by both and by
// what the API server told.
#include <vector>

#include "identity/live_event.h"
#include "identity/pod_fields.h"

namespace bongsu {
namespace {

Value text_or_none(std::string_view text) { return text.empty() ? Value{} : Value::of(text); }

bool next_text(const void* source, std::uint64_t /*extra*/, std::uint64_t& cursor, std::string_view& out) {
  const auto& texts = *static_cast<const std::vector<std::string>*>(source);
  if (cursor == texts.size()) {
    return false;
  }
  out = texts[cursor++];
  return true;
}

}  // namespace

const PodFacts* LiveEvent::pod() const {
  if (!pod_found_) {
    pod_found_ = true;
    pod_ = where_.container == nullptr ? nullptr : pods_.find(where_.container->pod_uid);
  }
  return pod_;
}

bool LiveEvent::awaits_pod() const {
  return where_.container != nullptr && !where_.container->pod_uid.empty() && host_.pods_expected &&
         pods_.state() != PodTable::State::unsynced && pod() == nullptr;
}

Value LiveEvent::container_value(FieldId id) const {
  const Container& container = *where_.container;
  switch (id) {
    case FieldId::container_id:
      return Value::of(std::string_view(container.id));
    case FieldId::container_runtime:
      return text_or_none(container.runtime);
    case FieldId::container_setup:
      return where_.setup ? Value::of(true) : Value{};
    case FieldId::container_metadata:
      return Value::of(metadata());
    case FieldId::k8s_pod_uid:
    case FieldId::k8s_pod_name:
    case FieldId::k8s_namespace_name:
      return pod_value(id);
    case FieldId::k8s_deployment_name:
    case FieldId::k8s_replicaset_name:
    case FieldId::k8s_statefulset_name:
    case FieldId::k8s_daemonset_name:
    case FieldId::k8s_job_name:
    case FieldId::k8s_cronjob_name:
    case FieldId::k8s_owner_kind:
    case FieldId::k8s_owner_name:
    case FieldId::k8s_pod_label:
    case FieldId::k8s_pod_annotation:
      return pod() == nullptr ? Value{} : pod_field(*pod(), id);
    default:
      break;
  }
  if (container.facts == nullptr) {
    return {};
  }
  const ContainerFacts& facts = *container.facts;
  switch (id) {
    case FieldId::container_name:
      return text_or_none(facts.name);
    case FieldId::k8s_container_name:
      return container.pod_uid.empty() ? Value{} : text_or_none(facts.name);
    case FieldId::container_kind:
      return Value::of(std::string_view(facts.kind == ContainerFacts::Kind::sandbox ? "sandbox" : "workload"));
    case FieldId::container_image_name:
      return text_or_none(facts.image_name);
    case FieldId::container_image_tag:
      return text_or_none(facts.image_tag);
    case FieldId::container_image_hash:
      return facts.image_hashes.empty() ? Value{} : Value::of(StringList(&facts.image_hashes, 0, &next_text));
    case FieldId::container_privileged:
      return Value::of(facts.privileged);
    default:
      return {};
  }
}

// The bundle's word first: it is there from the first event on, and stays the same when the API server's comes.
Value LiveEvent::pod_value(FieldId id) const {
  const Container& container = *where_.container;
  if (id == FieldId::k8s_pod_uid) {
    return text_or_none(container.pod_uid);
  }
  const bool name = id == FieldId::k8s_pod_name;
  if (const ContainerFacts* told = container.facts.get(); told != nullptr) {
    const std::string_view text = name ? std::string_view(told->pod_name) : std::string_view(told->pod_namespace);
    if (!text.empty()) {
      return Value::of(text);
    }
  }
  const PodFacts* facts = pod();
  return facts == nullptr ? Value{} : pod_field(*facts, id);
}

// Complete: name and image from the bundle (a sandbox has no name, and its image is the engine's), and where the API
// server is asked, the pod.
std::string_view LiveEvent::metadata() const {
  const Container& container = *where_.container;
  if (container.facts == nullptr) {
    return "partial";
  }
  const ContainerFacts& facts = *container.facts;
  const bool named = facts.kind == ContainerFacts::Kind::sandbox ||
                     (!facts.name.empty() && !(facts.image_name.empty() && facts.image_hashes.empty()));
  const bool in_pod = !container.pod_uid.empty();
  const bool pod_named = !in_pod || pod() != nullptr || (!facts.pod_name.empty() && !facts.pod_namespace.empty());
  const bool pod_told = !in_pod || !host_.pods_expected || pod() != nullptr;
  return named && pod_named && pod_told ? "complete" : "partial";
}

}  // namespace bongsu
