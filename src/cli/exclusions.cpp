// SPDX-License-Identifier: Apache-2.0
#include "cli/exclusions.h"

#include <algorithm>
#include <string_view>

namespace bongsu {

Exclusions::Exclusions(const KubernetesConfig& config) : namespaces_(config.exclude_namespaces) {
  std::ranges::sort(namespaces_);
  labels_.reserve(config.exclude_labels.size());
  for (const std::string& text : config.exclude_labels) {
    const std::size_t equals = text.find('=');
    labels_.push_back({.key = text.substr(0, equals),
                       .value = equals == std::string::npos ? std::nullopt : std::optional(text.substr(equals + 1))});
  }
}

Exclusions::Why Exclusions::of(const EventView& event) const {
  if (!namespaces_.empty()) {
    const Value name = event.value(FieldId::k8s_namespace_name);
    if (name.has_value() && std::ranges::binary_search(namespaces_, name.string(), std::less<>())) {
      return Why::by_namespace;
    }
  }
  if (!labels_.empty()) {
    const Value labels = event.value(FieldId::k8s_pod_label);
    const auto listed = [&](std::string_view key, std::string_view text) {
      return std::ranges::any_of(
          labels_, [&](const Label& label) { return label.key == key && (!label.value || *label.value == text); });
    };
    if (labels.has_value() && labels.any_entry(listed)) {
      return Why::by_label;
    }
  }
  return Why::none;
}

}  // namespace bongsu
