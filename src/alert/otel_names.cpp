// SPDX-License-Identifier: Apache-2.0
#include "alert/otel_names.h"

#include <algorithm>
#include <array>

namespace bongsu {
namespace {

// https://opentelemetry.io/docs/specs/semconv/registry/attributes/; a test holds each to the published list.
constexpr std::array kNames{
    OtelName{"container.id", "container.id"},
    OtelName{"container.image.name", "container.image.name"},
    OtelName{"container.image.tag", "container.image.tags", OtelForm::list},
    OtelName{"container.name", "container.name"},
    OtelName{"container.runtime", "container.runtime.name"},
    OtelName{"destination.ip", "destination.address"},
    OtelName{"destination.port", "destination.port"},
    OtelName{"dns.answers.data", "dns.answers"},
    OtelName{"dns.question.name", "dns.question.name"},
    OtelName{"error.code", "error.type"},
    OtelName{"file.gid", "file.group.id", OtelForm::text},
    OtelName{"file.inode", "file.inode", OtelForm::text},
    OtelName{"file.mode", "file.mode", OtelForm::octal},
    OtelName{"file.name", "file.name"},
    OtelName{"file.path", "file.path"},
    OtelName{"file.size", "file.size"},
    OtelName{"file.uid", "file.owner.id", OtelForm::text},
    OtelName{"host.name", "host.name"},
    OtelName{"k8s.container.name", "k8s.container.name"},
    OtelName{"k8s.cronjob.name", "k8s.cronjob.name"},
    OtelName{"k8s.daemonset.name", "k8s.daemonset.name"},
    OtelName{"k8s.deployment.name", "k8s.deployment.name"},
    OtelName{"k8s.job.name", "k8s.job.name"},
    OtelName{"k8s.namespace.name", "k8s.namespace.name"},
    OtelName{"k8s.node.name", "k8s.node.name"},
    OtelName{"k8s.pod.annotation", "k8s.pod.annotation"},
    OtelName{"k8s.pod.label", "k8s.pod.label"},
    OtelName{"k8s.pod.name", "k8s.pod.name"},
    OtelName{"k8s.pod.uid", "k8s.pod.uid"},
    OtelName{"k8s.replicaset.name", "k8s.replicaset.name"},
    OtelName{"k8s.statefulset.name", "k8s.statefulset.name"},
    OtelName{"network.transport", "network.transport"},
    OtelName{"network.type", "network.type"},
    OtelName{"process.args", "process.command_args"},
    OtelName{"process.args_count", "process.args_count"},
    OtelName{"process.command_line", "process.command_line"},
    OtelName{"process.executable", "process.executable.path"},
    OtelName{"process.exit_code", "process.exit.code"},
    OtelName{"process.interactive", "process.interactive"},
    OtelName{"process.name", "process.executable.name"},
    OtelName{"process.parent.pid", "process.parent_pid"},
    OtelName{"process.pid", "process.pid"},
    OtelName{"process.real_user.id", "process.real_user.id"},
    OtelName{"process.start", "process.creation.time"},
    OtelName{"process.thread.id", "thread.id"},
    OtelName{"process.thread.name", "thread.name"},
    OtelName{"process.user.id", "process.user.id"},
    OtelName{"process.working_directory", "process.working_directory"},
    OtelName{"rule.description", "security_rule.description"},
    OtelName{"rule.id", "security_rule.uuid"},
    OtelName{"rule.name", "security_rule.name"},
    OtelName{"source.ip", "source.address"},
    OtelName{"source.port", "source.port"},
};
static_assert(std::ranges::is_sorted(kNames, {}, &OtelName::name));

}  // namespace

std::span<const OtelName> otel_names() { return kNames; }

const OtelName* find_otel_name(std::string_view name) {
  const auto found = std::ranges::lower_bound(kNames, name, {}, &OtelName::name);
  return found != kNames.end() && found->name == name ? &*found : nullptr;
}

OtelName otel_name(std::string_view name) {
  const OtelName* found = find_otel_name(name);
  return found != nullptr ? *found : OtelName{name, name};
}

}  // namespace bongsu
