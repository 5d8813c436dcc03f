// SPDX-License-Identifier: Apache-2.0
//
// Who did it, where: turns records into events. Owns the tables of processes, containers and cgroups; belongs to one
// thread, the one that judges. Neither locks nor throws; allocates only for what it has not seen the like of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "events/record.h"
#include "identity/cgroup_resolver.h"
#include "identity/cgroup_table.h"
#include "identity/container_facts.h"
#include "identity/container_table.h"
#include "identity/host_facts.h"
#include "identity/live_event.h"
#include "identity/pod_facts.h"
#include "identity/pod_table.h"
#include "identity/proc_reader.h"
#include "identity/process_table.h"

namespace bongsu {

// For the metrics: totals since the start, and sizes as they are.
struct IdentityCounters {
  std::uint64_t records = 0;         // observed
  std::uint64_t events = 0;          // of these: gave an event
  std::uint64_t snapshots = 0;       // of these: the state at the start
  std::uint64_t cgroups_told = 0;    // of these: a cgroup that was no container's start or end
  std::uint64_t unplaced = 0;        // of these: the cgroup could not be resolved; container from what was known before
  ProcessTable::Counters processes;  // duplicates are in here
  ContainerTable::Counters containers;
  CgroupTable::Counters cgroups;
  ContainerReader::Counters bundles;
  PodTable::Counters pods;
  std::uint64_t bundles_given_up = 0;  // containers whose bundle was looked for to the end, in vain
  std::uint64_t args_cut = 0;          // programs kept with fewer arguments than the event showed: table's bound
  std::size_t processes_known = 0;
  std::size_t programs_known = 0;
  std::size_t args_bytes = 0;
  std::size_t containers_known = 0;
  std::size_t containers_live = 0;
  std::size_t cgroups_known = 0;
  std::size_t pods_known = 0;
};

// What the user sets of it.
struct IdentitySettings {
  std::filesystem::path host_root = "/";        // where engines keep their containers' bundles
  std::vector<std::string> bundle_directories;  // further ones, as BundleReader has them
  std::string node_name;                        // this host's in the cluster; empty: none
  bool pods_expected = false;                   // the API server is asked for this node's pods
};

class Identity {
 public:
  struct Options {
    std::string host_name;
    std::string boot_id;
    std::int64_t wall_minus_boot_ns = 0;
    std::string node_name;
    bool pods_expected = false;
    ProcessLimits processes;
    std::size_t max_containers = ContainerTable::kDefaultCapacity;
    std::size_t max_cgroups = CgroupTable::kDefaultCapacity;
    std::size_t max_pods = PodTable::kDefaultCapacity;
    std::unique_ptr<CgroupResolver> resolver;     // null: a cgroup is known only when a record told it
    std::unique_ptr<ProcReader> reader;           // null: processes of the snapshot have no arguments
    std::unique_ptr<ContainerReader> containers;  // null: containers have no names

    // For this host: name and boot id out of `proc_root`, the real resolver and readers, the offset from the clock.
    [[nodiscard]] static Result<Options> of_host(const std::filesystem::path& proc_root, const Clock& clock,
                                                 const IdentitySettings& settings = {});
  };

  explicit Identity(Options options);
  ~Identity() = default;
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  // Null when the record is no event of its own: the snapshot, a cgroup that is no container's, what was told before.
  // The event borrows the record's bytes and is good until the next call.
  [[nodiscard]] const LiveEvent* observe(const Record& record);

  // What the API server told. Not while an event is being looked at.
  void learn(const PodChange& change) { pods_.learn(change, now_ns_); }
  // Null when it is not known; good until the next news.
  [[nodiscard]] const PodFacts* pod_of(std::string_view uid) const { return pods_.find(uid); }

  // The wall clock is set now and then: the pipeline passes the offset on.
  void set_wall_minus_boot_ns(std::int64_t offset_ns) { host_.wall_minus_boot_ns = offset_ns; }

  // Whose cgroup it is; null: the host's, or not known.
  [[nodiscard]] const Container* container_of(const bongsu_cgroup_key& key);

  [[nodiscard]] IdentityCounters counters() const;
  [[nodiscard]] const HostFacts& host() const { return host_; }
  [[nodiscard]] const ProcessTable& processes() const { return processes_; }
  [[nodiscard]] const ContainerTable& containers() const { return containers_; }
  [[nodiscard]] const PodTable& pods() const { return pods_; }

 private:
  [[nodiscard]] SlotRef place(const Record& record, Process& process);
  void learn_host_namespaces(const bongsu_task& task);
  void ask_about(SlotRef ref);

  std::unique_ptr<CgroupResolver> resolver_;
  std::unique_ptr<ProcReader> reader_;
  std::unique_ptr<ContainerReader> container_reader_;
  HostFacts host_;
  ContainerTable containers_;
  CgroupTable cgroups_;
  ProcessTable processes_;
  PodTable pods_;
  LiveEvent event_;
  std::uint64_t now_ns_ = 0;  // of the newest record
  bool kthreadd_seen_ = false;
  bool placed_ = false;      // of the newest record: its cgroup is known
  IdentityCounters totals_;  // the first five, and bundles_given_up
};

// The key under which the kernel side counts and mutes the task's cgroup.
[[nodiscard]] bongsu_cgroup_key cgroup_key(const bongsu_task& task);

}  // namespace bongsu
