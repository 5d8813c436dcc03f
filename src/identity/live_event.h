// SPDX-License-Identifier: Apache-2.0
//
// An event as rules and alerts see it: a record, joined with what is known of its process, the ancestors and the
// container. One object, used for event after event; it borrows everything it shows and is good until the next record
// is observed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "events/event_view.h"
#include "events/record.h"
#include "identity/container_table.h"
#include "identity/host_facts.h"
#include "identity/pod_table.h"
#include "identity/process_table.h"

namespace bongsu {

class LiveEvent final : public EventView {
 public:
  static constexpr std::size_t kMaxAncestors = 64;

  LiveEvent(const HostFacts& host, const ProcessTable& processes, const PodTable& pods);

  struct Where {
    const Container* container = nullptr;  // the one that the event shows (of container_start and container_stop: the
                                           // one that starts or stops)
    const Container* other = nullptr;      // the one that a moved process came to
    bool placed = false;                   // the cgroup said so; else it is what was known of the process before
    bool setup = false;                    // the process is the runtime's own, see container_setup.h
  };
  void set(const Record& record, const ProcessTable::Subject& subject, const Where& where);

  [[nodiscard]] EventType type() const override { return record_->type(); }
  [[nodiscard]] Value value(FieldId id) const override;

  [[nodiscard]] const Record& record() const { return *record_; }
  [[nodiscard]] const Process& process() const { return *process_; }
  [[nodiscard]] const Container* container() const { return where_.container; }  // null on the host
  [[nodiscard]] bool placed() const { return where_.placed; }

  // What the API server told of the pod that it happened in; null when that is not known. Good until the next news.
  [[nodiscard]] const PodFacts* pod() const;
  // It happened in a pod that is not known, and the API server is about to tell of it: it is worth waiting a moment.
  [[nodiscard]] bool awaits_pod() const;

 private:
  // Arguments joined by spaces, once per event.
  struct Joined {
    std::string text;
    bool done = false;
  };

  [[nodiscard]] Value program_value(FieldId id) const;
  [[nodiscard]] Value parent_value(FieldId id) const;
  [[nodiscard]] Value container_value(FieldId id) const;  // live_event_place.cpp
  [[nodiscard]] Value pod_value(FieldId id) const;
  [[nodiscard]] std::string_view metadata() const;
  [[nodiscard]] Value target_value(FieldId id) const;
  [[nodiscard]] Value date(std::uint64_t boot_ns) const;
  [[nodiscard]] std::uint64_t foreign_namespaces() const;
  [[nodiscard]] Value ancestors(FieldId id) const;
  void find_ancestors() const;
  static bool next_ancestor(const void* source, std::uint64_t extra, std::uint64_t& cursor, std::string_view& out);

  const HostFacts& host_;
  const ProcessTable& processes_;
  const PodTable& pods_;
  std::optional<Record> record_;
  const Process* process_ = nullptr;
  const Process* parent_ = nullptr;  // null when not known
  Where where_;
  ProgramView program_;
  std::string_view name_;
  EntityId parent_entity_{};
  mutable EntityId target_entity_{};
  mutable const PodFacts* pod_ = nullptr;
  mutable bool pod_found_ = false;

  mutable Joined command_line_;
  mutable Joined parent_command_line_;
  mutable std::array<const Process*, kMaxAncestors> ancestors_{};
  mutable std::size_t ancestor_count_ = 0;
  mutable bool ancestors_found_ = false;
};

}  // namespace bongsu
