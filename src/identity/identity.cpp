// SPDX-License-Identifier: Apache-2.0
#include "identity/identity.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "identity/bundle_reader.h"
#include "identity/cgroupfs_resolver.h"
#include "identity/container_setup.h"

namespace bongsu {
namespace {

constexpr std::uint32_t kInitPid = 1;
// A bundle that is not there at first: 50 ms, doubling to 10 s; 20 times make some two minutes.
constexpr std::uint64_t kFirstAskAgainNs = 50'000'000;
constexpr std::uint64_t kLastAskAgainNs = 10'000'000'000;
constexpr std::uint32_t kMaxAsked = 20;
constexpr std::uint32_t kKthreaddPid = 2;  // the second task of every Linux: never in any namespace but the host's

}  // namespace

Result<Identity::Options> Identity::Options::of_host(const std::filesystem::path& proc_root, const Clock& clock,
                                                     const IdentitySettings& settings) {
  auto host_name = read_host_name(proc_root);
  if (!host_name) {
    return tl::make_unexpected(host_name.error());
  }
  auto boot_id = read_boot_id(proc_root);
  if (!boot_id) {
    return tl::make_unexpected(boot_id.error());
  }
  Options options;
  options.host_name = settings.node_name.empty() ? *host_name : settings.node_name;
  options.node_name = settings.node_name;
  options.pods_expected = settings.pods_expected;
  options.boot_id = std::move(*boot_id);
  options.wall_minus_boot_ns = clock.wall_ns() - clock.boot_ns();
  options.resolver = std::make_unique<CgroupfsResolver>(proc_root);
  options.reader = std::make_unique<ProcfsReader>(proc_root);
  options.containers = std::make_unique<BundleReader>(settings.host_root, settings.bundle_directories);
  return options;
}

Identity::Identity(Options options)
    : resolver_(std::move(options.resolver)),
      reader_(std::move(options.reader)),
      container_reader_(std::move(options.containers)),
      host_{std::move(options.host_name),
            options.wall_minus_boot_ns,
            {},
            std::move(options.node_name),
            options.pods_expected},
      containers_(options.max_containers),
      cgroups_(containers_, resolver_.get(), options.max_cgroups),
      processes_(options.processes, options.boot_id, reader_.get()),
      pods_(options.max_pods),
      event_(host_, processes_, pods_) {}

const LiveEvent* Identity::observe(const Record& record) {
  ++totals_.records;
  if (record.type() == EventType::none ||
      is_agent(record.type())) {  // made in user space: the kernel sends no such record
    return nullptr;
  }
  now_ns_ = std::max<std::uint64_t>(now_ns_, record.header().time_ns);
  containers_.expire(now_ns_);
  cgroups_.expire(now_ns_);
  pods_.expire(now_ns_);

  const ProcessTable::Subject subject = processes_.observe(record);
  const SlotRef before = subject.process->container;
  SlotRef container = place(record, *subject.process);
  note_origin(record, *subject.process, processes_.parent_of(*subject.process), placed_, containers_);
  if (record.snapshot()) {
    ++totals_.snapshots;
    learn_host_namespaces(record.task());
    return nullptr;
  }
  if (subject.duplicate) {
    return nullptr;
  }
  if (record.type() == EventType::container_start) {
    const auto& start = record.as<bongsu_container_start>();
    container =
        cgroups_.made({start.hierarchy, start.subject_cgroup_id}, record.string(start.path), record.header().time_ns);
  } else if (record.type() == EventType::container_stop) {
    const auto& stop = record.as<bongsu_container_stop>();
    container =
        cgroups_.removed({stop.hierarchy, stop.subject_cgroup_id}, record.string(stop.path), record.header().time_ns);
  }
  const bool about_container =
      record.type() == EventType::container_start || record.type() == EventType::container_stop;
  if (about_container && container.empty()) {
    ++totals_.cgroups_told;
    return nullptr;
  }
  SlotRef other;
  if (record.type() == EventType::cgroup_move) {  // the record's task is in the new cgroup already
    // By the cgroup itself: on version 1 it may be of a hierarchy that does not say where the task belongs.
    const auto& move = record.as<bongsu_cgroup_move>();
    other = cgroups_.lookup({move.hierarchy, move.subject_cgroup_id}, now_ns_).container;
    container = before;
  } else if (record.type() == EventType::cgroup_rename) {
    const auto& rename = record.as<bongsu_cgroup_rename>();
    other = cgroups_.lookup({rename.hierarchy, rename.subject_cgroup_id}, now_ns_).container;
  }
  ask_about(container);
  ask_about(other);
  event_.set(record, subject,
             {.container = containers_.get(container),
              .other = containers_.get(other),
              // Of a move, what is shown is where the process was, and its cgroup is where it is now.
              .placed = placed_ && !about_container && record.type() != EventType::cgroup_move,
              .setup = !about_container && sets_up(*subject.process, container, containers_)});
  ++totals_.events;
  return &event_;
}

// The container that the record's task is in. When its cgroup is not known (gone before it could be asked for), the one
// that the process was seen in before, or a new process's creator: a process does not leave its container.
SlotRef Identity::place(const Record& record, Process& process) {
  const Place found = cgroups_.place_of(record.task(), now_ns_);
  placed_ = found.kind != Place::Kind::unknown;
  if (!placed_) {
    ++totals_.unplaced;
    const Process* parent = processes_.parent_of(process);
    if (record.type() == EventType::fork && process.container.empty() && parent != nullptr) {
      process.container = parent->container;
    }
    return process.container;
  }
  if (record.header().time_ns >= process.task_time_ns) {
    process.container = found.container;
  }
  return found.container;
}

const Container* Identity::container_of(const bongsu_cgroup_key& key) {
  const SlotRef container = cgroups_.lookup({key.hierarchy, key.id}, now_ns_).container;
  ask_about(container);
  return containers_.get(container);
}

// By the records' time, so that a replay asks when the run did.
void Identity::ask_about(SlotRef ref) {
  Container* container = containers_.get(ref);
  if (container == nullptr || container->facts != nullptr || container_reader_ == nullptr ||
      container->asked == kMaxAsked || container->ask_ns > now_ns_) {
    return;
  }
  if (auto facts = container_reader_->read(container->id, container->runtime)) {
    containers_.set_facts(*container, std::move(*facts));
    return;
  }
  container->ask_ns = now_ns_ + std::min(kFirstAskAgainNs << container->asked, kLastAskAgainNs);
  ++container->asked;
  totals_.bundles_given_up += container->asked == kMaxAsked ? 1U : 0U;
}

// As fill_cgroup_key() of bpf/lib/cgroup.bpf.h: the root of the v2 hierarchy, whose id is 1 (fs/kernfs/dir.c gives the
// first inode number to the root), says nothing where a v1 controller says more.
bongsu_cgroup_key cgroup_key(const bongsu_task& task) {
  const bool v1 = task.cgroup_id <= 1 && task.cgroup_v1_id != 0;
  return {v1 ? task.cgroup_v1_id : task.cgroup_id, v1 ? task.cgroup_v1_hierarchy : 0, 0};
}

void Identity::learn_host_namespaces(const bongsu_task& task) {
  if (task.pid != kKthreaddPid && (task.pid != kInitPid || kthreadd_seen_)) {
    return;
  }
  kthreadd_seen_ = task.pid == kKthreaddPid;
  std::copy(std::begin(task.namespaces), std::end(task.namespaces), host_.namespaces.begin());
}

IdentityCounters Identity::counters() const {
  IdentityCounters all = totals_;
  all.processes = processes_.counters();
  all.containers = containers_.counters();
  all.cgroups = cgroups_.counters();
  all.bundles = container_reader_ == nullptr ? ContainerReader::Counters{} : container_reader_->counters();
  all.pods = pods_.counters();
  all.args_cut = processes_.programs().args_cut();
  all.processes_known = processes_.size();
  all.programs_known = processes_.programs().size();
  all.args_bytes = processes_.programs().args_bytes();
  all.containers_known = containers_.size();
  all.containers_live = containers_.live();
  all.cgroups_known = cgroups_.size();
  all.pods_known = pods_.size();
  return all;
}

}  // namespace bongsu
