// SPDX-License-Identifier: Apache-2.0
#include "sensor/probe_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <mutex>

#include "base/log.h"
#include "probes.skel.h"

namespace bongsu {
namespace {

// libbpf's print callback is one per process, so what it last said is kept beside it.
struct LibbpfMessages {
  std::mutex mutex;
  std::string warning;
};

LibbpfMessages& messages() {
  static LibbpfMessages instance;
  return instance;
}

int keep_message(libbpf_print_level level, const char* format, va_list arguments) {
  std::array<char, 2048> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  std::string line(text.data());
  while (!line.empty() && line.back() == '\n') {
    line.pop_back();
  }
  if (level == LIBBPF_WARN) {
    const std::scoped_lock lock(messages().mutex);
    if (messages().warning.empty()) {  // the first is the cause, the others follow from it
      messages().warning = line.substr(0, line.find('\n'));
    }
  }
  if (level != LIBBPF_DEBUG) {
    log::debug("{}", line);
  }
  return 0;
}

void forget_messages() {
  const std::scoped_lock lock(messages().mutex);
  messages().warning.clear();
}

bool plan_has(const HookPlan& plan, std::string_view program) {
  for (const HookChoice& choice : plan) {
    if (choice.hook != nullptr && choice.hook->program == program) {
      return true;
    }
  }
  return false;
}

}  // namespace

void capture_libbpf_messages() { libbpf_set_print(keep_message); }

std::string last_libbpf_warning() {
  const std::scoped_lock lock(messages().mutex);
  return messages().warning;
}

bool kernel_has_ring_buffer() { return libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, nullptr) > 0; }

bool kernel_has_task_iterator() { return libbpf_find_vmlinux_btf_id("task", BPF_TRACE_ITER) > 0; }

std::string_view unavailable(const HookInfo& hook) {
  constexpr std::string_view kTypedTracepoint = "tp_btf/";
  if (hook.attach.starts_with(kTypedTracepoint)) {
    const std::string name(hook.attach.substr(kTypedTracepoint.size()));
    if (libbpf_find_vmlinux_btf_id(name.c_str(), BPF_TRACE_RAW_TP) <= 0) {
      return "this kernel has no such tracepoint";
    }
  }
  return {};
}

Result<std::unique_ptr<ProbeObject>> ProbeObject::load(const HookPlan& plan, const ProbeSettings& settings) {
  forget_messages();
  std::unique_ptr<ProbeObject> object(new ProbeObject(probes__open()));
  probes* skeleton = object->skeleton_;
  if (skeleton == nullptr) {
    return fail_errno("cannot open the BPF object", errno);
  }
  const int cpus = libbpf_num_possible_cpus();
  if (cpus <= 0) {
    return fail_errno("cannot count the CPUs", -cpus);
  }
  const auto cpu_count = static_cast<std::uint32_t>(cpus);
  skeleton->rodata->use_perf = settings.use_perf ? 1 : 0;
  skeleton->rodata->cpu_count = cpu_count;
  constexpr std::uint32_t kSlotsPerCpu = 2;  // SCRATCH_SLOTS of bpf/lib/maps.bpf.h, and one for the iterator
  bpf_map__set_max_entries(skeleton->maps.scratch, cpu_count * kSlotsPerCpu + 1);
  if (settings.use_perf) {
    bpf_map__set_autocreate(skeleton->maps.lifecycle_ring, false);
  } else {
    bpf_map__set_autocreate(skeleton->maps.lifecycle_perf, false);
    bpf_map__set_max_entries(skeleton->maps.lifecycle_ring, static_cast<std::uint32_t>(settings.ring_bytes));
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton->obj) {
    const std::string_view name = bpf_program__name(program);
    bpf_program__set_autoload(program, name == "snapshot_task" ? settings.task_iterator : plan_has(plan, name));
  }
  if (const int error = probes__load(skeleton); error != 0) {
    return fail_errno("the kernel refused the BPF programs", -error, last_libbpf_warning());
  }
  return object;
}

ProbeObject::~ProbeObject() {
  detach();
  probes__destroy(skeleton_);
}

Status ProbeObject::attach(const HookInfo& hook) {
  bpf_program* program = bpf_object__find_program_by_name(skeleton_->obj, std::string(hook.program).c_str());
  if (program == nullptr) {
    return fail("no BPF program named " + std::string(hook.program));
  }
  bpf_link* link = bpf_program__attach(program);
  if (link == nullptr) {
    return fail_errno("cannot attach to " + std::string(hook.attach), errno);
  }
  links_.push_back(link);
  return {};
}

void ProbeObject::detach() {
  for (bpf_link* link : links_) {
    bpf_link__destroy(link);
  }
  links_.clear();
}

bool loads_alone(const HookInfo& hook) {
  const HookPlan plan{HookChoice{.event = hook.event, .hook = &hook, .refused = {}}};
  constexpr std::uint64_t kSmallRing = std::uint64_t{64} * 1024;
  return ProbeObject::load(plan,
                           {.use_perf = !kernel_has_ring_buffer(), .ring_bytes = kSmallRing, .task_iterator = false})
      .has_value();
}

}  // namespace bongsu
