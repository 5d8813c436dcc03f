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
#include "sensor/kernel_types.h"

namespace bongsu {
namespace {

constexpr const char* kKernelTypes = "/sys/kernel/btf/vmlinux";

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

bool at_call_return(std::string_view section) { return section == "tp_btf/sys_exit" || section == "fexit/syscall"; }

// Rung 2: the same program, loaded for the return of a function.
int load_for_function(bpf_program* program, const std::string& function) {
  const int error = bpf_program__set_expected_attach_type(program, BPF_TRACE_FEXIT);
  return error != 0 ? error : bpf_program__set_attach_target(program, 0, function.c_str());
}

// Internal maps (the settings fixed at load) are each object's own.
int share_maps(bpf_object* object, const bpf_object* maps, bool own_handlers) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    const bpf_map* other = bpf_object__find_map_by_name(maps, bpf_map__name(map));
    if (bpf_map__is_internal(map) || other == nullptr || bpf_map__fd(other) < 0 ||
        (own_handlers && std::string_view(bpf_map__name(map)) == "handlers")) {
      continue;
    }
    if (const int error = bpf_map__reuse_fd(map, bpf_map__fd(other)); error != 0) {
      return error;
    }
  }
  return 0;
}

}  // namespace

void capture_libbpf_messages() { libbpf_set_print(keep_message); }

std::string last_libbpf_warning() {
  const std::scoped_lock lock(messages().mutex);
  return messages().warning;
}

bool kernel_has_ring_buffer() { return libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, nullptr) > 0; }

bool kernel_has_task_iterator() { return kernel_iterator("task") > 0; }

std::string_view tracepoint_unavailable(std::string_view name) {
  return kernel_tracepoint(name) > 0 ? std::string_view{} : "this kernel has no such tracepoint";
}

Result<std::unique_ptr<ProbeObject>> ProbeObject::load(const ProgramSet& programs, const ProbeSettings& settings,
                                                       const ProbeObject* maps) {
  forget_messages();
  // Without a file by name, libbpf looks for types that the kernel lacks in its modules too, and asking for those needs
  // CAP_SYS_ADMIN. All types that are meant here are the kernel's own.
  LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = kKernelTypes);
  std::unique_ptr<ProbeObject> object(new ProbeObject(probes__open_opts(&options), programs));
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
  skeleton->rodata->fixed = settings.fixed;
  constexpr std::uint32_t kSlotsPerCpu = 2;  // SCRATCH_SLOTS of bpf/lib/maps.bpf.h, and one for the iterator
  bpf_map__set_max_entries(skeleton->maps.scratch, cpu_count * kSlotsPerCpu + 1);
  for (bpf_map* ring : {skeleton->maps.lifecycle_ring, skeleton->maps.bulk_ring}) {
    bpf_map__set_autocreate(ring, !settings.use_perf);
    bpf_map__set_max_entries(ring, static_cast<std::uint32_t>(settings.ring_bytes));
  }
  for (bpf_map* perf : {skeleton->maps.lifecycle_perf, skeleton->maps.bulk_perf}) {
    bpf_map__set_autocreate(perf, settings.use_perf);
  }
  if (maps != nullptr) {
    if (const int error = share_maps(skeleton->obj, maps->skeleton_->obj, !settings.function.empty()); error != 0) {
      return fail_errno("cannot share the BPF maps", -error);
    }
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton->obj) {
    const bool wanted = programs.contains(std::string_view(bpf_program__name(program)));
    bpf_program__set_autoload(program, wanted);
    if (wanted && !settings.function.empty() && at_call_return(bpf_program__section_name(program))) {
      if (const int error = load_for_function(program, settings.function); error != 0) {
        return fail_errno("no programs at the return of " + settings.function, -error);
      }
    }
  }
  if (const int error = probes__load(skeleton); error != 0) {
    return fail_errno("the kernel refused the BPF programs", -error, last_libbpf_warning());
  }
  return object;
}

ProbeObject::~ProbeObject() {
  for (const auto& [name, link] : links_) {
    bpf_link__destroy(link);
  }
  probes__destroy(skeleton_);
}

const bpf_program* ProbeObject::program(std::string_view name) const {
  return bpf_object__find_program_by_name(skeleton_->obj, std::string(name).c_str());
}

Status ProbeObject::attach(std::string_view name) {
  bpf_program* program = bpf_object__find_program_by_name(skeleton_->obj, std::string(name).c_str());
  if (program == nullptr) {
    return fail("no BPF program named " + std::string(name));
  }
  bpf_link* link = bpf_program__attach(program);
  if (link == nullptr) {
    return fail_errno("cannot attach to " + std::string(bpf_program__section_name(program)), errno);
  }
  links_.emplace(name, link);
  return {};
}

void ProbeObject::detach(std::string_view name) {
  if (const auto found = links_.find(name); found != links_.end()) {
    bpf_link__destroy(found->second);
    links_.erase(found);
  }
}

void ProbeObject::unload(std::string_view name) {
  detach(name);
  bpf_program__unload(bpf_object__find_program_by_name(skeleton_->obj, std::string(name).c_str()));
  programs_.erase(programs_.find(name));
}

}  // namespace bongsu
