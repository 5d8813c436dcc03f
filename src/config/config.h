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
  Format format = Format::json;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string tls_ca_file;  // empty: the system's
  bool tls_verify = true;
  std::int64_t retry_first_ns = 500'000'000;
  std::int64_t retry_max_ns = 60'000'000'000;
  std::int64_t timeout_ns = 10'000'000'000;
  std::uint8_t min_severity = 1;
  std::vector<std::string> tags;  // empty: every alert
};

struct HttpConfig {
  std::string listen = "127.0.0.1:9464";  // see listen.h
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
  SensorConfig sensor;
  std::int64_t heartbeat_ns = 60'000'000'000;
};

}  // namespace bongsu
