// SPDX-License-Identifier: Apache-2.0
#include "alert/ecs_names.h"

#include <algorithm>
#include <array>

namespace bongsu {
namespace {

// A name that ends in a dot stands for all below it.
constexpr auto kOwn = std::to_array<std::string_view>({
    "bongsu.",
    "bpf.",
    "capabilities.",
    "cgroup.",
    "container.kind",
    "container.metadata",
    "container.setup",
    "container.target.",
    "event.untrusted_argument",
    "file.descriptor",
    "file.device_node.",
    "file.last_descriptor",
    "file.mount_flags",
    "file.open_flags",
    "file.outside_mount_namespace",
    "file.path_given",
    "file.rename_flags",
    "file.system_type",
    "file.xattr.",
    "group.changes.",
    "group.count",
    "group.effective.",
    "group.saved.",
    "io.",
    "io_uring.",
    "k8s.",  // of OpenTelemetry, k8s.owner apart
    "kernel.",
    "kexec.",
    "keyctl.",
    "memory.",
    "namespace.",
    "perf_event.",
    "process.ancestors.",
    "process.args_truncated",
    "process.executable_deleted",
    "process.executable_memfd",
    "process.executable_upper_layer",
    "process.exit_signal",
    "process.memfd.",
    "process.memory_access",
    "process.mover.",
    "process.namespaces",
    "process.previous_thread_name",
    "process.ptrace.",
    "process.requested_executable",
    "process.signal",
    "process.target.",
    "rule.severity",
    "socket.",
    "syscall.",
    "user.saved.",
});

}  // namespace

bool is_ecs_name(std::string_view path) {
  return std::ranges::none_of(
      kOwn, [&](std::string_view own) { return own.ends_with('.') ? path.starts_with(own) : path == own; });
}

}  // namespace bongsu
