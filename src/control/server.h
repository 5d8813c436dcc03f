// SPDX-License-Identifier: Apache-2.0
//
// The small HTTP server for probes and scrapers: GET /healthz, /readyz, /metrics. Bound first, so that a port in use is
// an error of the start and no thread has been made; then served by a thread of its own until it is destroyed. Nobody
// can make it wait: every connection's time and bytes are bounded (connection.h), and so is their number.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/metrics.h"

namespace bongsu {

class ControlServer {
 public:
  // Called by the server's thread.
  struct Answers {
    std::function<Status()> ready;  // an error: 503, with its text
    std::function<std::vector<MetricFamily>()> metrics;
  };

  // Where there are more, the oldest goes: who asks at once has its answer by then.
  static constexpr std::size_t kMostConnections = 64;

  // Port 0 picks a free one.
  [[nodiscard]] static Result<std::unique_ptr<ControlServer>> bind(const std::string& host, std::uint16_t port,
                                                                   Answers answers);
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;
  ~ControlServer();  // waits for nobody

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string address() const;  // "127.0.0.1:9464", "[::1]:9464"

  // Once. Requests are answered from here on.
  [[nodiscard]] Status serve();

 private:
  class Impl;
  explicit ControlServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bongsu
