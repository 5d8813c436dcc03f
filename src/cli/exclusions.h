// SPDX-License-Identifier: Apache-2.0
//
// Which pods are not judged: those of some namespaces, and those with some labels.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "events/event_view.h"

namespace bongsu {

class Exclusions {
 public:
  Exclusions() = default;
  explicit Exclusions(const KubernetesConfig& config);

  enum class Why : std::uint8_t { none, by_namespace, by_label };
  // A pod whose namespace or labels are not known is judged. Never of events of the host.
  [[nodiscard]] Why of(const EventView& event) const;

  friend bool operator==(const Exclusions&, const Exclusions&) = default;

 private:
  struct Label {
    std::string key;
    std::optional<std::string> value;  // none: any

    friend bool operator==(const Label&, const Label&) = default;
  };

  std::vector<std::string> namespaces_;  // sorted
  std::vector<Label> labels_;
};

}  // namespace bongsu
