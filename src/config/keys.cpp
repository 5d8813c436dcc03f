// SPDX-License-Identifier: Apache-2.0
#include "config/keys.h"

#include <algorithm>

#include "base/strings.h"
#include "config/checks.h"
#include "config/units.h"

namespace bongsu {
namespace {

constexpr std::string_view kSeverities[] = {"info", "low", "medium", "high", "critical"};
constexpr std::string_view kOutputFormats[] = {"auto", "json", "text"};
constexpr std::string_view kPayloadFormats[] = {"json"};
constexpr std::string_view kTransports[] = {"auto", "ring", "perf"};
constexpr std::string_view kHooks[] = {"auto", "tracepoint", "fentry", "syscall"};
constexpr std::string_view kSwitches[] = {"auto", "on", "off"};
constexpr std::string_view kScopes[] = {"all", "containers", "host"};

// An enumeration with std::uint8_t below it is read and written as that number (unsigned char may alias).
template <typename Enum>
Slot number(Enum& value) {
  static_assert(sizeof(Enum) == sizeof(std::uint8_t));
  return reinterpret_cast<std::uint8_t*>(&value);
}

constexpr auto kLater = KeyStatus::later;
constexpr auto kSupported = KeyStatus::supported;
constexpr auto kAtStart = KeyStatus::at_start;

#define SLOT(expression) \
  [](Config& c [[maybe_unused]], WebhookConfig& w [[maybe_unused]]) -> Slot { return expression; }

// clang-format off: one row a key
const Key kKeys[] = {
    {"$schema", KeyType::text, KeyStatus::ignored, "For editors: where the schema of this file is."},
    {"rules", KeyType::texts, kSupported, "Rule files and directories, in this order; `*.json` in a directory, recursively.",
     SLOT(&c.rules), {}, 0, check::paths},
    {"stdout.format", KeyType::choice, kAtStart, "How alerts are written to stdout: `json` (one object a line), `text`, or `auto`: text on a terminal, else JSON.",
     SLOT(number(c.stdout_alerts.format)), kOutputFormats},
    {"stdout.min_severity", KeyType::choice, kSupported, "Alerts below it are not written to stdout.",
     SLOT(&c.stdout_alerts.min_severity), kSeverities, 1},
    {"webhooks", KeyType::objects, kSupported, "HTTP servers that each alert is sent to.", SLOT(std::monostate())},
    {"webhooks[].name", KeyType::text, kSupported, "What logs and metrics call it; `webhook-1`, `webhook-2`, ... when not given.",
     SLOT(&w.name), {}, 0, check::name},
    {"webhooks[].url", KeyType::text, kSupported, "Where to POST to; http or https.",
     SLOT(&w.url), {}, 0, check::url},
    {"webhooks[].url_file", KeyType::text, kSupported, "A file with the URL, where it is a secret; in place of `url`. Read again when it changes.",
     SLOT(&w.url_file)},
    {"webhooks[].format", KeyType::choice, kSupported, "The body's form: `json` is the alert as it is.",
     SLOT(number(w.format)), kPayloadFormats, 0, nullptr, true},
    {"webhooks[].headers", KeyType::text_map, kSupported, "Further headers of each request.",
     SLOT(&w.headers), {}, 0, check::headers},
    {"webhooks[].bearer_token_file", KeyType::text, kSupported, "A file with the token of each request's `Authorization: Bearer`. Read again when it changes.",
     SLOT(&w.bearer_token_file)},
    {"webhooks[].hmac_key_file", KeyType::other, kLater, ""},
    {"webhooks[].tls.ca_file", KeyType::text, kSupported, "Certificates (PEM) to trust instead of the system's.",
     SLOT(&w.tls_ca_file)},
    {"webhooks[].tls.cert_file", KeyType::other, kLater, ""},
    {"webhooks[].tls.key_file", KeyType::other, kLater, ""},
    {"webhooks[].tls.verify", KeyType::boolean, kSupported, "Check the server's certificate and name.",
     SLOT(&w.tls_verify)},
    {"webhooks[].batch", KeyType::other, kLater, ""},
    {"webhooks[].gzip", KeyType::other, kLater, ""},
    {"webhooks[].retry.first", KeyType::duration, kSupported, "The longest wait before the first retry; it doubles with each further one. The real wait is random below it.",
     SLOT(&w.retry_first_ns), {}, 0, check::wait},
    {"webhooks[].retry.max", KeyType::duration, kSupported, "Where that doubling ends.",
     SLOT(&w.retry_max_ns), {}, 0, check::wait},
    {"webhooks[].timeout", KeyType::duration, kSupported, "For connecting, and for each wait for the server to read or write.",
     SLOT(&w.timeout_ns), {}, 0, check::wait},
    {"webhooks[].min_severity", KeyType::choice, kSupported, "Alerts below it are not sent.",
     SLOT(&w.min_severity), kSeverities, 1},
    {"webhooks[].tags", KeyType::texts, kSupported, "Only alerts with one of these tags are sent; all when empty.",
     SLOT(&w.tags)},
    {"webhooks[].spool", KeyType::other, kLater, ""},
    {"files", KeyType::other, kLater, ""},
    {"http.listen", KeyType::text, kAtStart, "Address of the health and metrics server, as `127.0.0.1:9464`; port 0 picks a free one; `off` for none.",
     SLOT(&c.http.listen), {}, 0, check::listen},
    {"http.ready_degraded", KeyType::boolean, kAtStart, "Whether `/readyz` says ready though events that rules want cannot be seen on this kernel.",
     SLOT(&c.http.ready_degraded)},
    {"kubernetes.api", KeyType::choice, kAtStart, "Whether pods are asked of the API server, for labels and owners: `on`, `off`, or `auto`: where a service account is mounted. Without it, name, image, pod and namespace come from the container's bundle.",
     SLOT(number(c.kubernetes.api)), kSwitches},
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
     SLOT(number(c.sensor.transport)), kTransports},
    {"sensor.hooks", KeyType::choice, kAtStart, "Kinds of hooks to use; `auto`: for each event the best that attaches. One kind alone is for tests: events that it does not serve are not seen.",
     SLOT(number(c.sensor.hooks)), kHooks},
    {"sensor.ring_bytes", KeyType::size, kAtStart, "Size of each of the two buffers between kernel and program; a power of two.",
     SLOT(&c.sensor.ring_bytes), {}, 0, check::ring_bytes},
    {"sensor.events_per_second", KeyType::count, kAtStart, "How many events of one container are told, on average, besides exec, fork and exit; twice as many at once. What is beyond is counted, and raises `flood`. 0: no limit.",
     SLOT(&c.sensor.events_per_second)},
    {"sensor.scope", KeyType::choice, kAtStart, "Whose processes are watched: `all`, those in `containers`, or those of the `host`.",
     SLOT(number(c.sensor.scope)), kScopes},
    {"redact", KeyType::other, kLater, ""},
    {"heartbeat", KeyType::duration, kSupported, "How often the event `heartbeat` is judged, for rules that tell that the monitor is alive.",
     SLOT(&c.heartbeat_ns), {}, 0, check::wait},
};
// clang-format on
#undef SLOT

struct ToJson {
  const Key& key;
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const std::string* value) const { return quoted(*value); }
  std::string operator()(const std::uint8_t* value) const {
    return quoted(key.choices[static_cast<std::size_t>(*value - key.first_choice)]);
  }
  std::string operator()(const std::int64_t* value) const {
    if (key.type == KeyType::count) {
      return std::to_string(*value);
    }
    return quoted(key.type == KeyType::duration ? format_duration_ns(*value) : format_size_bytes(*value));
  }
  std::string operator()(const std::vector<std::string>* value) const {
    std::string out = "[";
    for (const std::string& item : *value) {
      out += (out.size() > 1 ? ", " : "") + quoted(item);
    }
    return out + "]";
  }
  std::string operator()(const std::vector<std::pair<std::string, std::string>>* value) const {
    std::string out = "{";
    for (const auto& [name, text] : *value) {
      out += (out.size() > 1 ? ", " : "") + quoted(name) + ": " + quoted(text);
    }
    return out + "}";
  }
  static std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
  }
};

}  // namespace

std::span<const Key> config_keys() { return kKeys; }

const Key* find_key(std::string_view path) {
  const auto found = std::find_if(std::begin(kKeys), std::end(kKeys), [&](const Key& key) { return key.path == path; });
  return found == std::end(kKeys) ? nullptr : found;
}

std::string variable_name(std::string_view path) {
  if (path.find_first_of("[$") != std::string_view::npos) {
    return {};
  }
  std::string name = "BONGSU_";
  for (const char c : path) {
    name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
}

std::vector<std::string_view> names_below(std::string_view path) {
  const std::string prefix = path.empty() ? "" : std::string(path) + ".";
  std::vector<std::string_view> names;
  for (const Key& key : kKeys) {
    if (key.path.starts_with(prefix)) {
      const std::string_view rest = key.path.substr(prefix.size());
      const std::string_view name = rest.substr(0, rest.find_first_of(".["));
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  return names;
}

std::string expected(const Key& key) {
  switch (key.type) {
    case KeyType::boolean:
      return "true or false";
    case KeyType::text:
      return "a string";
    case KeyType::choice: {
      std::string text = key.choices.size() > 1 ? "one of " : "";
      for (const std::string_view choice : key.choices) {
        text += (choice == key.choices.front() ? "" : ", ") + std::string(choice);
      }
      return text;
    }
    case KeyType::duration:
      return "a time with a unit, as \"10s\" or \"500ms\"";
    case KeyType::size:
      return "a size with a unit, as \"8MiB\"";
    case KeyType::count:
      return "a whole number, 0 or more";
    case KeyType::texts:
      return "an array of strings";
    case KeyType::text_map:
      return "an object of strings";
    case KeyType::objects:
      return "an array of objects";
    case KeyType::other:
      break;
  }
  return {};
}

std::string value_json(const Key& key, const Slot& slot) { return std::visit(ToJson{key}, slot); }

}  // namespace bongsu
