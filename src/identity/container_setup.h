// SPDX-License-Identifier: Apache-2.0
//
// Tells the runtime's own processes in a container, which set it up, from the container's workload: `runc init` is in
// the container's cgroup before anything of the image runs. What counts is where a process comes from, which nobody
// inside can change: it, and all who made it, executed programs outside only, or in the cgroup before any namespace was
// entered, as a child of somebody outside. From its first other exec on a process is the workload's, and so is every
// process that comes of it, wherever it goes.
//
// The real order of events, with runc: the runtime, outside, forks and executes itself (`runc init`), before it enters
// the cgroup or, by newer ones, in it; may execute a sealed copy of itself there; makes two generations of children,
// which enter the namespaces; the last of them executes the workload. crun does not execute itself: it forks a child
// into the cgroup, and that executes the workload.
#pragma once

#include "events/record.h"
#include "identity/container_table.h"
#include "identity/process.h"
#include "identity/slots.h"

namespace bongsu {

// To be told every record, once its process's container is known; `placed` says whether the cgroup told it. `parent` is
// who made the process, or null.
void note_origin(const Record& record, Process& process, const Process* parent, bool placed,
                 const ContainerTable& containers);

// Whether the process, which is in this container, is still the runtime's own.
[[nodiscard]] bool sets_up(const Process& process, SlotRef container, const ContainerTable& containers);

}  // namespace bongsu
