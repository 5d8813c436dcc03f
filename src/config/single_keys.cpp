// SPDX-License-Identifier: Apache-2.0
#include "config/checks.h"
#include "config/keys.h"
#include "config/slots.h"

namespace bongsu {
namespace {

constexpr std::string_view kOutputFormats[] = {"auto", "json", "text"};
constexpr std::string_view kTransports[] = {"auto", "ring", "perf"};
constexpr std::string_view kHooks[] = {"auto", "tracepoint", "fentry", "syscall"};
constexpr std::string_view kSwitches[] = {"auto", "on", "off"};
constexpr std::string_view kScopes[] = {"all", "containers", "host"};

constexpr auto kAtStart = KeyStatus::at_start;
constexpr auto kSupported = KeyStatus::supported;

#define SLOT(expression) [](Config& c [[maybe_unused]], Elements&) -> Slot { return expression; }

// clang-format off: one row a key
const Key kKeys[] = {
    {"$schema", KeyType::text, KeyStatus::ignored, "For editors: where the schema of this file is."},
    {"rules", KeyType::texts, kSupported, "Rule files and directories, in this order; `*.json` in a directory, recursively.",
     SLOT(&c.rules), {}, 0, check::paths},
    {"stdout.format", KeyType::choice, kAtStart, "How alerts are written to stdout: `json` (one object a line), `text`, or `auto`: text on a terminal, else JSON.",
     SLOT(slot_number(c.stdout_alerts.format)), kOutputFormats},
    {"stdout.min_severity", KeyType::choice, kSupported, "Alerts below it are not written to stdout.",
     SLOT(&c.stdout_alerts.min_severity), kSeverityNames, 1},
    {"http.listen", KeyType::text, kAtStart, "Address of the health and metrics server, as `127.0.0.1:9464`; port 0 picks a free one; `off` for none.",
     SLOT(&c.http.listen), {}, 0, check::listen},
    {"http.ready_degraded", KeyType::boolean, kAtStart, "Whether `/readyz` says ready though events that rules want cannot be seen on this kernel.",
     SLOT(&c.http.ready_degraded)},
    {"kubernetes.api", KeyType::choice, kAtStart, "Whether pods are asked of the API server, for labels and owners: `on`, `off`, or `auto`: where a service account is mounted. Without it, name, image, pod and namespace come from the container's bundle.",
     SLOT(slot_number(c.kubernetes.api)), kSwitches},
    {"kubernetes.node_name", KeyType::text, kAtStart, "This host's name in the cluster; the pods of this node are asked for by it. It is also `host.name` then.",
     SLOT(&c.kubernetes.node_name)},
    {"kubernetes.labels", KeyType::texts, kSupported, "Which labels of pods are kept; `*` at the end of a name stands for anything.",
     SLOT(&c.kubernetes.labels)},
    {"kubernetes.annotations", KeyType::texts, kSupported, "Which annotations of pods are kept, in the same way.",
     SLOT(&c.kubernetes.annotations)},
    {"kubernetes.exclude_namespaces", KeyType::texts, kSupported, "Namespaces whose pods are not judged.",
     SLOT(&c.kubernetes.exclude_namespaces)},
    {"kubernetes.exclude_labels", KeyType::texts, kSupported, "Labels, as `key=value` or `key`, whose pods are not judged.",
     SLOT(&c.kubernetes.exclude_labels)},
    {"containers.bundle_directories", KeyType::texts, kAtStart, "Further directories with a folder for each container id that holds its OCI bundle; the usual ones of containerd, CRI-O, Docker and Podman are known.",
     SLOT(&c.containers.bundle_directories)},
    {"state.directory", KeyType::text, kAtStart, "Where the monitor notes until when it judged, so that the next one can tell the gap between them; nowhere when empty.",
     SLOT(&c.state.directory)},
    {"sensor.transport", KeyType::choice, kAtStart, "How records leave the kernel: `ring` (Linux 5.8), `perf`, or `auto`: the ring where there is one.",
     SLOT(slot_number(c.sensor.transport)), kTransports},
    {"sensor.hooks", KeyType::choice, kAtStart, "Kinds of hooks to use; `auto`: for each event the best that attaches. One kind alone is for tests: events that it does not serve are not seen.",
     SLOT(slot_number(c.sensor.hooks)), kHooks},
    {"sensor.ring_bytes", KeyType::size, kAtStart, "Size of each of the two buffers between kernel and program; a power of two.",
     SLOT(&c.sensor.ring_bytes), {}, 0, check::ring_bytes},
    {"sensor.events_per_second", KeyType::count, kAtStart, "How many events of one container are told, on average, besides exec, fork and exit; twice as many at once. What is beyond is counted, and raises `flood`. 0: no limit.",
     SLOT(&c.sensor.events_per_second)},
    {"sensor.kernel_filter", KeyType::boolean, kAtStart, "Whether events that no rule can match are left out in the kernel already. Alerts are the same without it; it costs more time.",
     SLOT(&c.sensor.kernel_filter)},
    {"sensor.scope", KeyType::choice, kAtStart, "Whose processes are watched: `all`, those in `containers`, or those of the `host`.",
     SLOT(slot_number(c.sensor.scope)), kScopes},
    {"spool.directory", KeyType::text, kSupported, "Each webhook, syslog server and unix socket without a spool of its own has one in a folder of its name below this directory; none when empty. There its alerts wait on disk until it has taken them, also across a restart.",
     SLOT(&c.spool_directory), {}, 0, check::path},
    {"redact.enabled", KeyType::boolean, kAtStart, "Whether secrets in arguments, environment and paths are masked before an alert leaves the program.",
     SLOT(&c.redact.enabled)},
    {"redact.patterns", KeyType::texts, kAtStart, "Regular expressions (RE2) of what to mask besides the built-in ones: their first group, or all of the match.",
     SLOT(&c.redact.patterns), {}, 0, check::patterns},
    {"heartbeat", KeyType::duration, kSupported, "How often the event `heartbeat` is judged, for rules that tell that the monitor is alive.",
     SLOT(&c.heartbeat_ns), {}, 0, check::wait},
    {"confine", KeyType::boolean, kAtStart, "Whether the monitor gives up what it does not need: capabilities as it starts, system calls once it watches (docs/security.md). Off is for finding out whether that stands in the way of something.",
     SLOT(&c.confine)},
};
// clang-format on
#undef SLOT

}  // namespace

std::span<const Key> single_keys() { return kKeys; }

}  // namespace bongsu
