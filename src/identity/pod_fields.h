// SPDX-License-Identifier: Apache-2.0
//
// What the API server told of a pod, as fields of events. Borrows the facts.
#pragma once

#include "events/event_view.h"
#include "identity/pod_facts.h"

namespace bongsu {

// None for what is no field of pods.
[[nodiscard]] Value pod_field(const PodFacts& facts, FieldId id);

// A pod alone, to be laid over an event of one of its containers.
class PodFields final : public EventView {
 public:
  explicit PodFields(const PodFacts& facts) : facts_(facts) {}
  [[nodiscard]] EventType type() const override { return EventType::none; }
  [[nodiscard]] Value value(FieldId id) const override;

 private:
  const PodFacts& facts_;
};

}  // namespace bongsu
