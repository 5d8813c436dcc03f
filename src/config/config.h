// SPDX-License-Identifier: Apache-2.0
//
// What the user set, as plain structs with the defaults in them. keys.cpp is the table that names each member; reading,
// environment, schema and reference come from it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "config/payload_formats.h"

namespace bongsu {

struct StdoutConfig {
  enum class Format : std::uint8_t { automatic, json, text };
  Format format = Format::automatic;  // text on a terminal, else json
  std::uint8_t min_severity = 1;      // as event.severity: 1 info ... 5 critical
};

// What every destination besides stdout has.
struct DestinationConfig {
  std::string name;               // unique among all; "webhook-1", ... when not given
  std::uint8_t min_severity = 1;  // as event.severity
  std::vector<std::string> tags;  // empty: every alert
  std::int64_t heartbeat_ns = 0;  // 0: none
  bool unnamed = false;           // its name was made up

  friend bool operator==(const DestinationConfig&, const DestinationConfig&) = default;
};

// Where alerts wait on disk for a destination that does not take them.
struct SpoolConfig {
  std::string directory;  // empty: see Config::spool_directory
  std::int64_t max_bytes = 256 << 20;

  friend bool operator==(const SpoolConfig&, const SpoolConfig&) = default;
};

struct RetryConfig {
  std::int64_t first_ns = 500'000'000;
  std::int64_t max_ns = 60'000'000'000;

  friend bool operator==(const RetryConfig&, const RetryConfig&) = default;
};

// Of a client; what is read from the files stands in secrets.h.
struct TlsConfig {
  std::string ca_file;    // empty: the system's
  std::string cert_file;  // of this side, PEM; empty: none
  std::string key_file;
  std::string digest;  // of what is in the files, as read
  bool verify = true;  // certificate and name of the other side

  friend bool operator==(const TlsConfig&, const TlsConfig&) = default;
};

struct WebhookConfig : DestinationConfig {
  std::string url;
  std::string url_file;  // holds it instead, where it is a secret
  std::string bearer_token_file;
  std::string bearer_token;  // as read from that file; see secrets.h
  std::string hmac_key_file;
  std::string hmac_key;  // as read from that file
  std::uint8_t format = payload_format("json");
  std::string template_json;  // of the format `template`
  std::string elastic_index;  // of the format `elastic`
  std::vector<std::pair<std::string, std::string>> headers;
  TlsConfig tls;
  bool proxy = true;  // the proxy variables count
  std::int64_t batch_max_alerts = 1;
  std::int64_t batch_max_bytes = 1 << 20;
  std::int64_t batch_max_wait_ns = 200'000'000;
  bool gzip = false;
  RetryConfig retry;
  std::int64_t timeout_ns = 10'000'000'000;
  SpoolConfig spool;
  std::string dead_letter_file;  // empty: in the spool's directory; nowhere without one
  std::int64_t dead_letter_max_bytes = 16 << 20;

  friend bool operator==(const WebhookConfig&, const WebhookConfig&) = default;
};

struct FileConfig : DestinationConfig {
  enum class Sync : std::uint8_t { never, interval, always };
  std::string path;
  std::int64_t rotate_max_bytes = 64 << 20;
  std::int64_t rotate_max_age_ns = 0;  // 0: by size alone
  std::int64_t rotate_keep = 5;        // of those that went before
  Sync sync = Sync::interval;          // always: before an alert counts as delivered; interval: within a second

  friend bool operator==(const FileConfig&, const FileConfig&) = default;
};

struct SyslogConfig : DestinationConfig {
  std::string address;         // "udp://HOST:PORT", "tcp://HOST:PORT", "tls://HOST:PORT"
  std::uint8_t facility = 13;  // RFC 5424, 6.2.1: log audit
  TlsConfig tls;
  RetryConfig retry;
  std::int64_t timeout_ns = 10'000'000'000;
  SpoolConfig spool;

  friend bool operator==(const SyslogConfig&, const SyslogConfig&) = default;
};

struct SocketConfig : DestinationConfig {
  std::string path;  // of a unix stream socket that somebody listens on
  RetryConfig retry;
  std::int64_t timeout_ns = 10'000'000'000;
  SpoolConfig spool;

  friend bool operator==(const SocketConfig&, const SocketConfig&) = default;
};

// One element of each list: the one that a key "NAME[].key" is about lies in its own.
struct Elements {
  WebhookConfig webhook;
  FileConfig file;
  SyslogConfig syslog;
  SocketConfig unix_socket;
};

struct RedactConfig {
  bool enabled = true;
  std::vector<std::string> patterns;  // regular expressions (RE2), besides the built-in ones
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
  bool kernel_filter = true;
};

struct Config {
  std::vector<std::string> rules = {"/etc/bongsu/rules.d", "/usr/share/bongsu/rules"};
  StdoutConfig stdout_alerts;
  std::vector<WebhookConfig> webhooks;
  std::vector<FileConfig> files;
  std::vector<SyslogConfig> syslog;
  std::vector<SocketConfig> unix_sockets;
  std::string spool_directory;  // a destination without one of its own has DIRECTORY/NAME; empty: none
  RedactConfig redact;
  HttpConfig http;
  KubernetesConfig kubernetes;
  ContainersConfig containers;
  StateConfig state;
  SensorConfig sensor;
  std::int64_t heartbeat_ns = 60'000'000'000;
  bool confine = true;
};

}  // namespace bongsu
