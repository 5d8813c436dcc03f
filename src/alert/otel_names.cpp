// SPDX-License-Identifier: Apache-2.0
#include "alert/otel_names.h"

#include <algorithm>
#include <array>

namespace bongsu {
namespace {

// https://opentelemetry.io/docs/specs/semconv/registry/attributes/; a test holds each to the published list.
constexpr std::array kNames{
    OtelName{"container.image.tag", "container.image.tags", OtelForm::list},
    OtelName{"container.runtime", "container.runtime.name"},
    OtelName{"destination.ip", "destination.address"},
    OtelName{"dns.answers.data", "dns.answers"},
    OtelName{"error.code", "error.type"},
    OtelName{"file.gid", "file.group.id", OtelForm::text},
    OtelName{"file.inode", "file.inode", OtelForm::text},
    OtelName{"file.uid", "file.owner.id", OtelForm::text},
    OtelName{"process.args", "process.command_args"},
    OtelName{"process.executable", "process.executable.path"},
    OtelName{"process.exit_code", "process.exit.code"},
    OtelName{"process.name", "process.executable.name"},
    OtelName{"process.parent.pid", "process.parent_pid"},
    OtelName{"process.start", "process.creation.time"},
    OtelName{"process.thread.id", "thread.id"},
    OtelName{"process.thread.name", "thread.name"},
    OtelName{"rule.description", "security_rule.description"},
    OtelName{"rule.id", "security_rule.uuid"},
    OtelName{"rule.name", "security_rule.name"},
    OtelName{"source.ip", "source.address"},
};
static_assert(std::ranges::is_sorted(kNames, {}, &OtelName::name));

}  // namespace

std::span<const OtelName> otel_names() { return kNames; }

OtelName otel_name(std::string_view name) {
  const auto found = std::ranges::lower_bound(kNames, name, {}, &OtelName::name);
  return found != kNames.end() && found->name == name ? *found : OtelName{name, name};
}

}  // namespace bongsu
