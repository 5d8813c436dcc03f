// SPDX-License-Identifier: Apache-2.0
//
// What the user set, as plain structs with the defaults in them. keys.cpp is the table that names each member; reading,
// environment, schema and reference come from it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace bongsu {

struct StdoutConfig {
  enum class Format : std::uint8_t { automatic, json, text };
  Format format = Format::automatic;  // text on a terminal, else json
  std::uint8_t min_severity = 1;      // as event.severity: 1 info ... 5 critical
};

struct WebhookConfig {
  enum class Format : std::uint8_t { json };
  std::string name;  // unique; "webhook-1", ... when not given
  std::string url;
  std::string url_file;  // holds it instead, where it is a secret
  std::string bearer_token_file;
  std::string bearer_token;  // as read from that file; see secrets.h
  Format format = Format::json;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string tls_ca_file;    // empty: the system's
  std::string tls_ca_digest;  // of what is in it, as read; see secrets.h
  bool tls_verify = true;
  std::int64_t retry_first_ns = 500'000'000;
  std::int64_t retry_max_ns = 60'000'000'000;
  std::int64_t timeout_ns = 10'000'000'000;
  std::uint8_t min_severity = 1;
  std::vector<std::string> tags;  // empty: every alert

  friend bool operator==(const WebhookConfig&, const WebhookConfig&) = default;
};

struct HttpConfig {
  std::string listen = "127.0.0.1:9464";  // see listen.h
  bool ready_degraded = false;            // /readyz says ready though events that rules want cannot be seen here
};

struct KubernetesConfig {
  enum class Api : std::uint8_t { automatic, on, off };
  Api api = Api::automatic;                     // on where there is a service account
  std::string node_name;                        // as the cluster calls this host; empty: outside a cluster
  std::vector<std::string> labels = {"*"};      // which of a pod's are kept: names, `*` at the end stands for anything
  std::vector<std::string> annotations;         // the same
  std::vector<std::string> exclude_namespaces;  // of pods that are not judged
  std::vector<std::string> exclude_labels;      // `key=value` or `key`: the same
};

struct ContainersConfig {
  std::vector<std::string> bundle_directories;  // with a folder for each container id; before the known ones
};

struct StateConfig {
  std::string directory;  // what the next monitor of this host wants to know; empty: nothing is kept
};

struct SensorConfig {
  enum class Transport : std::uint8_t { automatic, ring, perf };
  enum class Hooks : std::uint8_t { automatic, tracepoint, fentry, syscall };
  enum class Scope : std::uint8_t { all, containers, host };
  Transport transport = Transport::automatic;
  Hooks hooks = Hooks::automatic;
  std::int64_t ring_bytes = 8 << 20;
  std::int64_t events_per_second = 20'000;  // of one cgroup; 0: no limit
  Scope scope = Scope::all;
};

struct Config {
  std::vector<std::string> rules = {"/etc/bongsu/rules.d", "/usr/share/bongsu/rules"};
  StdoutConfig stdout_alerts;
  std::vector<WebhookConfig> webhooks;
  HttpConfig http;
  KubernetesConfig kubernetes;
  ContainersConfig containers;
  StateConfig state;
  SensorConfig sensor;
  std::int64_t heartbeat_ns = 60'000'000'000;
};

}  // namespace bongsu
