// SPDX-License-Identifier: Apache-2.0
#include "identity/pod_fields.h"

#include <cstdint>
#include <string_view>

#include "events/keyed_field.h"

namespace bongsu {
namespace {

Value text_or_none(std::string_view text) { return text.empty() ? Value{} : Value::of(text); }

// The cursor counts keys and values alike.
bool next_key_or_value(const void* source, std::uint64_t /*extra*/, std::uint64_t& cursor, std::string_view& out) {
  const auto& map = *static_cast<const PodFacts::Map*>(source);
  if (cursor == 2 * map.size()) {
    return false;
  }
  const auto& [key, value] = map[cursor / 2];
  out = cursor % 2 == 0 ? key : value;
  ++cursor;
  return true;
}

// The field that an owner of this kind has; none for what is not Kubernetes' own.
struct OwnerField {
  FieldId id;
  std::string_view kind;
};
constexpr OwnerField kOwnerFields[] = {
    {FieldId::k8s_deployment_name, "Deployment"},
    {FieldId::k8s_replicaset_name, "ReplicaSet"},
    {FieldId::k8s_statefulset_name, "StatefulSet"},
    {FieldId::k8s_daemonset_name, "DaemonSet"},
    {FieldId::k8s_job_name, "Job"},
    {FieldId::k8s_cronjob_name, "CronJob"},
};

Value map_or_none(const PodFacts::Map& map) {
  return map.empty() ? Value{} : Value::map(StringList(&map, 0, &next_key_or_value));
}

}  // namespace

Value pod_field(const PodFacts& facts, FieldId id) {
  switch (id) {
    case FieldId::k8s_pod_name:
      return text_or_none(facts.name);
    case FieldId::k8s_namespace_name:
      return text_or_none(facts.namespace_name);
    case FieldId::k8s_owner_kind:
      return text_or_none(facts.owner_kind);
    case FieldId::k8s_owner_name:
      return text_or_none(facts.owner_name);
    case FieldId::k8s_pod_label:
      return map_or_none(facts.labels);
    case FieldId::k8s_pod_annotation:
      return map_or_none(facts.annotations);
    default:
      break;
  }
  for (const OwnerField& field : kOwnerFields) {
    if (field.id == id) {
      return field.kind == facts.owner_kind        ? text_or_none(facts.owner_name)
             : field.kind == facts.controller_kind ? text_or_none(facts.controller_name)
                                                   : Value{};
    }
  }
  return {};
}

Value PodFields::value(FieldId id) const { return is_keyed(id) ? keyed_value(*this, id) : pod_field(facts_, id); }

}  // namespace bongsu
