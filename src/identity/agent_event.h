// SPDX-License-Identifier: Apache-2.0
//
// What the monitor says of itself, as an event: records that were lost, and the like. Owns its texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "events/event_view.h"
#include "identity/lists.h"

namespace bongsu {

class AgentEvent final : public EventView {
 public:
  struct Facts {
    std::string host_name = {};
    std::int64_t wall_ns = 0;  // when
    std::string event = {};    // what it is about; may be empty
    std::string reason = {};
    std::int64_t count = 0;
    std::string container_id = {};  // flood: whose; empty: the host's
    std::string container_runtime = {};
    std::string container_name = {};
    std::string pod_namespace = {};
    std::string pod_name = {};
    std::string pod_uid = {};
    std::int64_t gap_start_ns = 0;  // gap: from when to when nobody watched, since the Unix epoch
    std::int64_t gap_end_ns = 0;
  };

  // `type` is an event of the family agent.
  AgentEvent(EventType type, Facts facts) : type_(type), facts_(std::move(facts)) {}

  [[nodiscard]] EventType type() const override { return type_; }
  [[nodiscard]] Value value(FieldId id) const override {
    switch (id) {
      case FieldId::timestamp:
        return Value::date(facts_.wall_ns);
      case FieldId::event_action:
        return Value::of(info(type_).name);
      case FieldId::event_category:
        return Value::of(single(info(type_).ecs_category));
      case FieldId::event_type:
        return Value::of(single(info(type_).ecs_type));
      case FieldId::host_name:
        return text(facts_.host_name);
      case FieldId::agent_event:
        return text(facts_.event);
      case FieldId::agent_reason:
        return text(facts_.reason);
      case FieldId::container_id:
        return text(facts_.container_id);
      case FieldId::container_runtime:
        return text(facts_.container_runtime);
      case FieldId::container_name:
        return text(facts_.container_name);
      case FieldId::k8s_namespace_name:
        return text(facts_.pod_namespace);
      case FieldId::k8s_pod_name:
        return text(facts_.pod_name);
      case FieldId::k8s_pod_uid:
        return text(facts_.pod_uid);
      case FieldId::agent_count:
        return type_ == EventType::gap ? Value{} : Value::of(facts_.count);
      case FieldId::agent_gap_start:
        return date(facts_.gap_start_ns);
      case FieldId::agent_gap_end:
        return date(facts_.gap_end_ns);
      default:
        return {};
    }
  }

 private:
  static Value date(std::int64_t unix_ns) { return unix_ns == 0 ? Value{} : Value::date(unix_ns); }
  static Value text(std::string_view value) { return value.empty() ? Value{} : Value::of(value); }

  EventType type_;
  Facts facts_;
};

}  // namespace bongsu
