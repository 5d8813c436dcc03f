// SPDX-License-Identifier: Apache-2.0
#include "identity/container_setup.h"

#include <algorithm>
#include <iterator>

namespace bongsu {
namespace {

// From the host. A node of a cluster may itself be a container (kind): to a pod's container that is outside as well.
bool comes_from_outside(const Process& process, SlotRef container, const ContainerTable& containers) {
  if (process.workload_of.empty()) {
    return true;
  }
  const Container* home = containers.get(process.workload_of);
  const Container* here = containers.get(container);
  return process.workload_of != container && home != nullptr && here != nullptr && home->pod_uid.empty() &&
         !here->pod_uid.empty();
}

bool in_the_namespaces_of(const bongsu_task& task, const Process& parent) {
  return parent.task_time_ns != 0 &&
         std::equal(std::begin(task.namespaces), std::end(task.namespaces), std::begin(parent.task.namespaces));
}

}  // namespace

void note_origin(const Record& record, Process& process, const Process* parent, bool placed,
                 const ContainerTable& containers) {
  const bool somewhere = placed || !process.container.empty();
  if (!process.origin_known) {  // its beginning was not seen: what is in a container is the workload
    process.origin_known = somewhere;
    process.workload_of = process.container;
    return;
  }
  const bool executed =
      record.type() == EventType::exec && !record.snapshot() && record.header().time_ns == process.task_time_ns;
  if (!executed) {
    return;
  }
  if (!somewhere && process.workload_of.empty()) {  // wherever it turns up, it executed something there
    process.origin_known = false;
    return;
  }
  const bool itself_again = comes_from_outside(process, process.container, containers) && parent != nullptr &&
                            parent->container != process.container && in_the_namespaces_of(record.task(), *parent);
  if (!process.container.empty() && !itself_again) {
    process.workload_of = process.container;
  }
}

bool sets_up(const Process& process, SlotRef container, const ContainerTable& containers) {
  return !container.empty() && process.origin_known && process.container == container &&
         comes_from_outside(process, container, containers);
}

}  // namespace bongsu
