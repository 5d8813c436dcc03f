// SPDX-License-Identifier: Apache-2.0
#include "payload/otel_names.h"

#include <algorithm>
#include <array>

namespace bongsu {
namespace {

struct Row {
  std::string_view field;
  OtelName name;
};

// https://opentelemetry.io/docs/specs/semconv/registry/attributes
constexpr auto kRows = std::to_array<Row>({
    {"container.image.tag", {"container.image.tags", OtelShape::list}},
    {"container.runtime", {"container.runtime.name"}},
    {"destination.ip", {"destination.address"}},
    {"dns.answers.data", {"dns.answers"}},
    {"error.code", {"error.type"}},
    {"file.gid", {"file.group.id", OtelShape::text}},
    {"file.inode", {"file.inode", OtelShape::text}},
    {"file.mode", {"file.mode", OtelShape::octal}},
    {"file.uid", {"file.owner.id", OtelShape::text}},
    {"process.args", {"process.command_args"}},
    {"process.executable", {"process.executable.path"}},
    {"process.parent.pid", {"process.parent_pid"}},
    {"process.start", {"process.creation.time"}},
    {"source.ip", {"source.address"}},
});

// Which container it is; what else is said of it (its privileges, its setup) belongs to the finding.
constexpr auto kOfContainer =
    std::to_array<std::string_view>({"container.id", "container.image.hash.all", "container.image.name",
                                     "container.image.tag", "container.name", "container.runtime"});

}  // namespace

OtelName otel_name(std::string_view field) {
  const auto row = std::ranges::find(kRows, field, &Row::field);
  return row == kRows.end() ? OtelName{field} : row->name;
}

bool is_otel_resource(std::string_view field) {
  return field.starts_with("k8s.") || field == "host.name" ||
         std::ranges::find(kOfContainer, field) != kOfContainer.end();
}

}  // namespace bongsu
